/*
 * One generic class, Descriptor: a socket, watched by the event loop of the thread that opened it.
 *
 * Nothing here knows a protocol. Every method returns what the system call returned, or the negative errno: names, messages,
 * retries and every other decision are TypeScript. Rules that this file keeps:
 *
 * - One owner. A Descriptor owns its file descriptor from open() or accept() until the first of close(), garbage collection and
 *   the end of the thread, or until release() hands the number to somebody else; close_descriptor() is the only place that closes it.
 * - No memory of JavaScript's is kept between calls: buffers are arguments, and their address and size are asked for anew each
 *   time, so that a detached buffer is an error and not a wild write.
 * - While it is watched it is held alive, as Node's own sockets are: a socket nobody refers to must not fall silent.
 * - An exception of a callback ends at on_ready(), it does not unwind through libuv's frames.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum {
	MAX_MESSAGES = 256,   /* in one receive(): what fits the stack easily */
	ADDRESS_OCTETS = 32,  /* room per sender: sockaddr_in6 (28) is the largest in use */
	RESULT_NUMBERS = 2,   /* per message: octets it had, MSG_* flags */
};

struct descriptor {
	napi_env env;
	napi_ref self; /* weak; strong while watched */
	napi_async_context context;
	napi_async_cleanup_hook_handle hook;
	uv_poll_t poll;
	int fd;            /* -1: not open yet, or not any more */
	bool watched;
	bool poll_in_loop; /* libuv still refers to this memory */
	bool collected;    /* JavaScript does not any more */
};

/* Tells a Descriptor from any other object, where one is an argument. */
static const napi_type_tag descriptor_tag = { 0x8f3d1c5a7be24960, 0xa1d04e6b92c7f358 };

struct view {
	unsigned char *octets;
	size_t length; /* in octets */
};

static napi_value number(napi_env env, int64_t value)
{
	napi_value result = NULL;
	napi_create_int64(env, value, &result);
	return result;
}

static napi_value type_error(napi_env env, const char *message)
{
	napi_throw_type_error(env, NULL, message);
	return NULL;
}

/* A Uint8Array or Int32Array; anything else is a mistake inside this package. */
static bool get_view(napi_env env, napi_value value, napi_typedarray_type wanted, struct view *view)
{
	napi_typedarray_type type;
	size_t elements;
	void *data;
	bool is_view = false;
	if (napi_is_typedarray(env, value, &is_view) != napi_ok || !is_view ||
	    napi_get_typedarray_info(env, value, &type, &elements, &data, NULL, NULL) != napi_ok || type != wanted)
		return false;
	view->octets = data;
	view->length = elements * (wanted == napi_int32_array ? sizeof(int32_t) : 1);
	return true;
}

/* ---- life ---- */

static void release(struct descriptor *d)
{
	if (!d->poll_in_loop && d->collected)
		free(d);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct descriptor *d = handle->data;
	d->poll_in_loop = false;
	napi_remove_async_cleanup_hook(d->hook);
	release(d);
}

static void stop_watching(struct descriptor *d)
{
	if (!d->watched)
		return;
	d->watched = false;
	uv_poll_stop(&d->poll);
	napi_reference_unref(d->env, d->self, NULL);
}

/* The file descriptor, which is the caller's from now on, or -1. */
static int detach(struct descriptor *d)
{
	int fd = d->fd;
	if (fd < 0)
		return -1;
	stop_watching(d);
	napi_async_destroy(d->env, d->context);
	uv_close((uv_handle_t *)&d->poll, on_poll_closed); /* takes it out of epoll at once, so that the number may be used anew */
	d->fd = -1;
	return fd;
}

static void close_descriptor(struct descriptor *d)
{
	int fd = detach(d);
	if (fd >= 0)
		close(fd);
}

/* The thread ends. Node waits for on_poll_closed(), which removes the hook. */
static void on_environment_ends(napi_async_cleanup_hook_handle hook, void *data)
{
	(void)hook;
	close_descriptor(data);
}

static void on_collected(napi_env env, void *data, void *hint)
{
	(void)hint;
	struct descriptor *d = data;
	close_descriptor(d);
	napi_delete_reference(env, d->self);
	d->collected = true;
	release(d);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct descriptor *d = poll->data;
	napi_env env = d->env;
	napi_handle_scope scope;
	napi_value self, callback, thrown;
	bool pending = false;

	if (napi_open_handle_scope(env, &scope) != napi_ok)
		return;
	if (status < 0) {
		/* libuv has stopped the handle: it shows POLLERR as EBADF. The cause waits in the next system call. Stay alive for the callback. */
		d->watched = false;
	}
	if (napi_get_reference_value(env, d->self, &self) == napi_ok && self != NULL &&
	    napi_get_named_property(env, self, "onReady", &callback) == napi_ok) {
		napi_value arguments[] = { number(env, status), number(env, events) };
		napi_make_callback(env, d->context, self, callback, 2, arguments, NULL);
	}
	if (status < 0)
		napi_reference_unref(env, d->self, NULL);
	if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
	    napi_get_and_clear_last_exception(env, &thrown) == napi_ok)
		napi_fatal_exception(env, thrown);
	napi_close_handle_scope(env, scope);
}

static napi_value construct(napi_env env, napi_callback_info info)
{
	napi_value self, target;
	napi_get_new_target(env, info, &target);
	if (target == NULL)
		return type_error(env, "Descriptor must be called with new");
	if (napi_get_cb_info(env, info, NULL, NULL, &self, NULL) != napi_ok)
		return NULL;
	struct descriptor *d = calloc(1, sizeof *d);
	if (d == NULL)
		return type_error(env, "out of memory");
	d->env = env;
	d->fd = -1;
	if (napi_wrap(env, self, d, on_collected, NULL, &d->self) != napi_ok) {
		free(d);
		return NULL;
	}
	napi_type_tag_object(env, self, &descriptor_tag);
	return self;
}

/* The methods' signature is checked by V8: `this` is a Descriptor. */
static struct descriptor *enter(napi_env env, napi_callback_info info, size_t count, napi_value *arguments)
{
	napi_value self;
	size_t given = count;
	void *data = NULL;
	if (napi_get_cb_info(env, info, &given, arguments, &self, NULL) != napi_ok || napi_unwrap(env, self, &data) != napi_ok) {
		type_error(env, "not a Descriptor");
		return NULL;
	}
	return data;
}

static bool get_int(napi_env env, napi_value value, int *result)
{
	int32_t number_given;
	if (napi_get_value_int32(env, value, &number_given) != napi_ok)
		return false;
	*result = number_given;
	return true;
}

/* Makes `d` the owner of `fd`: 0 or -errno, and then `fd` is closed. */
static int attach(struct descriptor *d, int fd)
{
	napi_env env = d->env;
	napi_value self, name;
	uv_loop_t *loop;
	int error = UV_ENOMEM;
	if (napi_get_uv_event_loop(env, &loop) == napi_ok)
		error = uv_poll_init(loop, &d->poll, fd);
	if (error < 0) {
		close(fd);
		return error;
	}
	d->poll.data = d;
	d->poll_in_loop = true;
	if (napi_get_reference_value(env, d->self, &self) != napi_ok ||
	    napi_create_string_utf8(env, "LINUX_SOCKET", NAPI_AUTO_LENGTH, &name) != napi_ok ||
	    napi_async_init(env, self, name, &d->context) != napi_ok) {
		uv_close((uv_handle_t *)&d->poll, on_poll_closed);
		close(fd);
		return UV_ENOMEM;
	}
	d->fd = fd;
	napi_add_async_cleanup_hook(env, on_environment_ends, d, &d->hook);
	return 0;
}

/* open(domain, type, protocol): 0 or -errno */
static napi_value open_socket(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	int domain, type, protocol;
	struct descriptor *d = enter(env, info, 3, arguments);
	if (d == NULL)
		return NULL;
	if (!get_int(env, arguments[0], &domain) || !get_int(env, arguments[1], &type) || !get_int(env, arguments[2], &protocol))
		return type_error(env, "open(domain, type, protocol)");
	if (d->fd >= 0 || d->poll_in_loop)
		return number(env, -EISCONN); /* opened once only */

	int fd = socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	return number(env, fd < 0 ? -errno : attach(d, fd));
}

/* close(): any number of times */
static napi_value close_method(napi_env env, napi_callback_info info)
{
	struct descriptor *d = enter(env, info, 0, NULL);
	if (d != NULL)
		close_descriptor(d);
	return NULL;
}

/* release(): the file descriptor, or -errno. Whoever called has to close it; this object is closed. */
static napi_value release_method(napi_env env, napi_callback_info info)
{
	struct descriptor *d = enter(env, info, 0, NULL);
	if (d == NULL)
		return NULL;
	int fd = detach(d);
	return number(env, fd < 0 ? -EBADF : fd);
}

/* watch(events): UV_READABLE | UV_WRITABLE, 0 to stop. Calls this.onReady(status, events). */
static napi_value watch(napi_env env, napi_callback_info info)
{
	napi_value argument;
	int events;
	struct descriptor *d = enter(env, info, 1, &argument);
	if (d == NULL)
		return NULL;
	if (!get_int(env, argument, &events))
		return type_error(env, "watch(events)");
	if (d->fd < 0)
		return number(env, -EBADF);
	if (events == 0) {
		stop_watching(d);
		return number(env, 0);
	}
	int error = uv_poll_start(&d->poll, events & (UV_READABLE | UV_WRITABLE), on_ready);
	if (error == 0 && !d->watched) {
		d->watched = true;
		napi_reference_ref(env, d->self, NULL);
	}
	return number(env, error);
}

/* keepAlive(yes): whether a watched descriptor keeps the thread's event loop running */
static napi_value keep_alive(napi_env env, napi_callback_info info)
{
	napi_value argument;
	bool yes;
	struct descriptor *d = enter(env, info, 1, &argument);
	if (d == NULL)
		return NULL;
	if (napi_get_value_bool(env, argument, &yes) != napi_ok)
		return type_error(env, "keepAlive(boolean)");
	if (d->fd >= 0)
		(yes ? uv_ref : uv_unref)((uv_handle_t *)&d->poll);
	return NULL;
}

/* ---- what is done to the socket ---- */

/* bind(address): 0 or -errno */
static napi_value bind_method(napi_env env, napi_callback_info info)
{
	napi_value argument;
	struct view address;
	struct descriptor *d = enter(env, info, 1, &argument);
	if (d == NULL)
		return NULL;
	if (!get_view(env, argument, napi_uint8_array, &address))
		return type_error(env, "bind(address: Uint8Array)");
	return number(env, bind(d->fd, (struct sockaddr *)address.octets, (socklen_t)address.length) < 0 ? -errno : 0);
}

/* localAddress(into): octets of the address or -errno */
static napi_value local_address(napi_env env, napi_callback_info info)
{
	napi_value argument;
	struct view address;
	struct descriptor *d = enter(env, info, 1, &argument);
	if (d == NULL)
		return NULL;
	if (!get_view(env, argument, napi_uint8_array, &address))
		return type_error(env, "localAddress(into: Uint8Array)");
	socklen_t length = (socklen_t)address.length;
	return number(env, getsockname(d->fd, (struct sockaddr *)address.octets, &length) < 0 ? -errno : (int64_t)length);
}

/* listen(backlog): 0 or -errno */
static napi_value listen_method(napi_env env, napi_callback_info info)
{
	napi_value argument;
	int backlog;
	struct descriptor *d = enter(env, info, 1, &argument);
	if (d == NULL)
		return NULL;
	if (!get_int(env, argument, &backlog))
		return type_error(env, "listen(backlog)");
	return number(env, listen(d->fd, backlog) < 0 ? -errno : 0);
}

/* accept(into, address): octets of the address of whoever connected, or -errno. `into` is a Descriptor that is not open. */
static napi_value accept_method(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	struct view address;
	void *data = NULL;
	bool is_descriptor = false;
	struct descriptor *d = enter(env, info, 2, arguments);
	if (d == NULL)
		return NULL;
	if (napi_check_object_type_tag(env, arguments[0], &descriptor_tag, &is_descriptor) != napi_ok || !is_descriptor ||
	    napi_unwrap(env, arguments[0], &data) != napi_ok || !get_view(env, arguments[1], napi_uint8_array, &address))
		return type_error(env, "accept(into: Descriptor, address: Uint8Array)");
	struct descriptor *into = data;
	if (into->fd >= 0 || into->poll_in_loop)
		return number(env, -EISCONN);
	socklen_t length = (socklen_t)address.length;
	int fd = accept4(d->fd, (struct sockaddr *)address.octets, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return number(env, -errno);
	int error = attach(into, fd);
	return number(env, error < 0 ? error : (int64_t)length);
}

/* `arguments` are level, name and value. */
static napi_value set_option_of(napi_env env, int fd, const napi_value *arguments)
{
	int level, name;
	struct view value;
	if (!get_int(env, arguments[0], &level) || !get_int(env, arguments[1], &name) ||
	    !get_view(env, arguments[2], napi_uint8_array, &value))
		return type_error(env, "setOption(level, name, value: Uint8Array)");
	if (level == SOL_SOCKET && name == SO_ATTACH_FILTER)
		return type_error(env, "this option holds a pointer: use attachFilter");
	return number(env, setsockopt(fd, level, name, value.octets, (socklen_t)value.length) < 0 ? -errno : 0);
}

/* setOption(level, name, value): 0 or -errno */
static napi_value set_option(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	struct descriptor *d = enter(env, info, 3, arguments);
	return d == NULL ? NULL : set_option_of(env, d->fd, arguments);
}

/* getOption(level, name, into): octets of the value or -errno */
static napi_value get_option(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	int level, name;
	struct view value;
	struct descriptor *d = enter(env, info, 3, arguments);
	if (d == NULL)
		return NULL;
	if (!get_int(env, arguments[0], &level) || !get_int(env, arguments[1], &name) ||
	    !get_view(env, arguments[2], napi_uint8_array, &value))
		return type_error(env, "getOption(level, name, into: Uint8Array)");
	socklen_t length = (socklen_t)value.length;
	return number(env, getsockopt(d->fd, level, name, value.octets, &length) < 0 ? -errno : (int64_t)length);
}

/* attachFilter(program): octets of struct sock_filter[]; 0 or -errno. Replaces the one before in one step. */
static napi_value attach_filter(napi_env env, napi_callback_info info)
{
	napi_value argument;
	struct view program;
	struct descriptor *d = enter(env, info, 1, &argument);
	if (d == NULL)
		return NULL;
	if (!get_view(env, argument, napi_uint8_array, &program) || program.length % sizeof(struct sock_filter) != 0 ||
	    program.length / sizeof(struct sock_filter) > BPF_MAXINSNS)
		return type_error(env, "attachFilter(program: Uint8Array)");
	struct sock_fprog filter = {
		.len = (unsigned short)(program.length / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)program.octets,
	};
	return number(env, setsockopt(d->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0 ? -errno : 0);
}

/* An argument that may be left out. A buffer that was given and has no length is a detached one. */
static bool get_optional_view(napi_env env, napi_value value, struct view *view, bool *given)
{
	napi_valuetype type;
	*view = (struct view){ NULL, 0 };
	if (napi_typeof(env, value, &type) != napi_ok)
		return false;
	*given = type != napi_undefined;
	return !*given || get_view(env, value, napi_uint8_array, view);
}

/* send(octets, address | undefined, control | undefined): octets sent or -errno. `control` is struct cmsghdr[] of IP families. */
static napi_value send_method(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	struct view octets, address, control;
	bool has_address, has_control;
	struct descriptor *d = enter(env, info, 3, arguments);
	if (d == NULL)
		return NULL;
	if (!get_view(env, arguments[0], napi_uint8_array, &octets) || !get_optional_view(env, arguments[1], &address, &has_address) ||
	    !get_optional_view(env, arguments[2], &control, &has_control))
		return type_error(env, "send(octets: Uint8Array, address?: Uint8Array, control?: Uint8Array)");
	if (octets.length == 0 || (has_address && address.length == 0) || (has_control && control.length == 0))
		return number(env, -EFAULT); /* not sent to somebody else, or from elsewhere */
	struct iovec part = { .iov_base = octets.octets, .iov_len = octets.length };
	const struct msghdr message = {
		.msg_name = address.octets,
		.msg_namelen = (socklen_t)address.length,
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.octets,
		.msg_controllen = control.length,
	};
	ssize_t sent = sendmsg(d->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	return number(env, sent < 0 ? -errno : sent);
}

/*
 * receive(octets, results, addresses, control | undefined): messages received or -errno.
 * Each message has an equal share of `octets` (what is longer is cut off), two numbers in `results` (its true length, its MSG_*
 * flags), 32 octets in `addresses` (its sender), and an equal share of `control` (its struct cmsghdr[], then zeros).
 */
static napi_value receive(napi_env env, napi_callback_info info)
{
	napi_value arguments[4];
	struct view octets, results, addresses, control;
	bool has_control;
	struct descriptor *d = enter(env, info, 4, arguments);
	if (d == NULL)
		return NULL;
	if (!get_view(env, arguments[0], napi_uint8_array, &octets) || !get_view(env, arguments[1], napi_int32_array, &results) ||
	    !get_view(env, arguments[2], napi_uint8_array, &addresses) || !get_optional_view(env, arguments[3], &control, &has_control))
		return type_error(env, "receive(octets: Uint8Array, results: Int32Array, addresses: Uint8Array, control?: Uint8Array)");

	size_t room = results.length / (RESULT_NUMBERS * sizeof(int32_t));
	if (room > MAX_MESSAGES)
		room = MAX_MESSAGES;
	if (room == 0 || octets.length < room || addresses.length < room * ADDRESS_OCTETS || (has_control && control.length < room))
		return number(env, -EFAULT); /* a detached buffer has no length */
	size_t share = octets.length / room;
	size_t control_share = control.length / room;

	struct mmsghdr messages[MAX_MESSAGES];
	struct iovec parts[MAX_MESSAGES];
	for (size_t i = 0; i < room; i++) {
		parts[i] = (struct iovec){ .iov_base = octets.octets + i * share, .iov_len = share };
		messages[i] = (struct mmsghdr){ .msg_hdr = {
			.msg_name = addresses.octets + i * ADDRESS_OCTETS,
			.msg_namelen = ADDRESS_OCTETS,
			.msg_iov = &parts[i],
			.msg_iovlen = 1,
			.msg_control = has_control ? control.octets + i * control_share : NULL,
			.msg_controllen = control_share,
		} };
	}
	int count = recvmmsg(d->fd, messages, (unsigned int)room, MSG_DONTWAIT | MSG_TRUNC, NULL);
	if (count < 0)
		return number(env, -errno);
	int32_t *result = (int32_t *)results.octets;
	for (int i = 0; i < count; i++) {
		const struct msghdr *message = &messages[i].msg_hdr;
		result[i * RESULT_NUMBERS] = (int32_t)messages[i].msg_len;
		result[i * RESULT_NUMBERS + 1] = message->msg_flags;
		/* nothing of the message that was here before */
		if (message->msg_controllen < control_share)
			memset(control.octets + i * control_share + message->msg_controllen, 0, control_share - message->msg_controllen);
	}
	return number(env, count);
}

/* ---- interfaces ---- */

/* interfaceIndex(name): index or -errno, in the network namespace of this process (unlike sysfs) */
static napi_value interface_index(napi_env env, napi_callback_info info)
{
	napi_value argument;
	size_t count = 1, length;
	char name[IF_NAMESIZE];
	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok ||
	    napi_get_value_string_utf8(env, argument, NULL, 0, &length) != napi_ok)
		return type_error(env, "interfaceIndex(name: string)");
	if (length >= sizeof name)
		return number(env, -ENODEV);
	napi_get_value_string_utf8(env, argument, name, sizeof name, &length);
	unsigned int index = if_nametoindex(name);
	return number(env, index == 0 ? -errno : (int64_t)index);
}

/* interfaceName(index): name or -errno */
static napi_value interface_name(napi_env env, napi_callback_info info)
{
	napi_value argument, result;
	size_t count = 1;
	uint32_t index;
	char name[IF_NAMESIZE];
	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok ||
	    napi_get_value_uint32(env, argument, &index) != napi_ok)
		return type_error(env, "interfaceName(index: number)");
	if (if_indextoname(index, name) == NULL)
		return number(env, -errno);
	napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &result);
	return result;
}

/* ---- sockets that were released: whoever owns the number vouches for it ---- */

/* setReleasedOption(fd, level, name, value): 0 or -errno */
static napi_value set_released_option(napi_env env, napi_callback_info info)
{
	napi_value arguments[4];
	size_t count = 4;
	int fd;
	if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || !get_int(env, arguments[0], &fd))
		return type_error(env, "setReleasedOption(fd: number, level, name, value: Uint8Array)");
	return set_option_of(env, fd, arguments + 1);
}

/* unacknowledged(fd): octets that the peer of a TCP socket has not acknowledged (SIOCOUTQ), or -errno */
static napi_value unacknowledged(napi_env env, napi_callback_info info)
{
	napi_value argument;
	size_t count = 1;
	int fd, octets = 0;
	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || !get_int(env, argument, &fd))
		return type_error(env, "unacknowledged(fd: number)");
	return number(env, ioctl(fd, SIOCOUTQ, &octets) < 0 ? -errno : octets);
}

NAPI_MODULE_INIT()
{
	const napi_property_descriptor methods[] = {
		{ "open", NULL, open_socket, NULL, NULL, NULL, napi_default_method, NULL },
		{ "close", NULL, close_method, NULL, NULL, NULL, napi_default_method, NULL },
		{ "release", NULL, release_method, NULL, NULL, NULL, napi_default_method, NULL },
		{ "watch", NULL, watch, NULL, NULL, NULL, napi_default_method, NULL },
		{ "keepAlive", NULL, keep_alive, NULL, NULL, NULL, napi_default_method, NULL },
		{ "bind", NULL, bind_method, NULL, NULL, NULL, napi_default_method, NULL },
		{ "localAddress", NULL, local_address, NULL, NULL, NULL, napi_default_method, NULL },
		{ "listen", NULL, listen_method, NULL, NULL, NULL, napi_default_method, NULL },
		{ "accept", NULL, accept_method, NULL, NULL, NULL, napi_default_method, NULL },
		{ "setOption", NULL, set_option, NULL, NULL, NULL, napi_default_method, NULL },
		{ "getOption", NULL, get_option, NULL, NULL, NULL, napi_default_method, NULL },
		{ "attachFilter", NULL, attach_filter, NULL, NULL, NULL, napi_default_method, NULL },
		{ "send", NULL, send_method, NULL, NULL, NULL, napi_default_method, NULL },
		{ "receive", NULL, receive, NULL, NULL, NULL, napi_default_method, NULL },
	};
	const napi_property_descriptor module[] = {
		{ "interfaceIndex", NULL, interface_index, NULL, NULL, NULL, napi_enumerable, NULL },
		{ "interfaceName", NULL, interface_name, NULL, NULL, NULL, napi_enumerable, NULL },
		{ "setReleasedOption", NULL, set_released_option, NULL, NULL, NULL, napi_enumerable, NULL },
		{ "unacknowledged", NULL, unacknowledged, NULL, NULL, NULL, napi_enumerable, NULL },
	};
	napi_value class;
	if (napi_define_class(env, "Descriptor", NAPI_AUTO_LENGTH, construct, NULL, sizeof methods / sizeof *methods, methods, &class) != napi_ok ||
	    napi_set_named_property(env, exports, "Descriptor", class) != napi_ok ||
	    napi_define_properties(env, exports, sizeof module / sizeof *module, module) != napi_ok)
		return NULL;
	return exports;
}

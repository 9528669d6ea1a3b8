/** What became of a frame that was to be sent: it left, the kernel has no room now, or the interface cannot send. */
export type SendOutcome = 'Sent' | 'Refused' | 'Failed';

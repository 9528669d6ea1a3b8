import { openMemberlist } from '@steelyard/memberlist/node';

const [name = 'me', bindAddress = '127.0.0.1', ...others] = process.argv.slice(2);

const memberlist = await openMemberlist({
  name,
  bindAddress,
  onJoin: (member) => console.log(`${member.node} is here`),
  onLeave: (member) => console.log(`${member.node} is gone`),
});
const { joined, failures } = await memberlist.join(others);
console.log(`joined ${joined} members`, failures);

process.once('SIGTERM', () => {
  void memberlist.leave(1_000).finally(() => memberlist.close());
});

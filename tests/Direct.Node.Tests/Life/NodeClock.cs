using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Life;

internal static class NodeClock
{
    /// <summary>
    /// Waits until the wall clock of a node is this far off. It also shows that the process reads the clock of the test: the Date header of its responses is
    /// that of the wall clock.
    /// </summary>
    public static Task WaitForDateAsync(this NodeProcess node, TimeSpan offset) => Deadline.UntilAsync(
        $"the wall clock of {node.Pid} is {offset} off",
        async () =>
        {
            using var answer = await node.Http.GetAsync(new Uri("/livez", UriKind.Relative));
            var date = Assert.IsType<DateTimeOffset>(answer.Headers.Date);
            return (date - DateTimeOffset.UtcNow - offset).Duration() < TimeSpan.FromMinutes(1);
        });
}

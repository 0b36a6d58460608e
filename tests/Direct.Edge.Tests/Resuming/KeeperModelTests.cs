namespace Direct.Edge.Tests.Resuming;

/// <summary>Tests that a member of a keeper receives the log once and in order, or is told of a gap, whatever happens to its leaders: see <see cref="KeeperWorld"/>.</summary>
public sealed class KeeperModelTests
{
    private const int Seeds = 1000;

    [Fact]
    public void Member_OfAKeeper_ReceivesTheLogOnceOrIsToldOfAGap()
    {
        var (messages, gaps) = (0, 0);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var (ofSeed, gapsOfSeed) = Run(seed);
            messages += ofSeed;
            gaps += gapsOfSeed;
        }

        Assert.True(messages > 10 * Seeds && gaps > Seeds, $"{messages} messages and {gaps} gaps, so the model tests little");
    }

    private static (int Messages, int Gaps) Run(int seed)
    {
        var random = new Random(seed);
        var context = new SeededContext(random);
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            using var world = new KeeperWorld(context, random);
            try
            {
                world.Run();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}: {exception.Message}{Environment.NewLine}{string.Join(Environment.NewLine, world.History)}", exception);
            }

            return (world.Messages, world.Gaps);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }
}

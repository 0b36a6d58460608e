namespace Direct.Edge.Tests.Resuming;

/// <summary>
/// Tests that clients receive everything exactly once, or are told of a gap, whatever they do: see <see cref="ModelWorld"/>. With enough memory and time
/// there is no gap either.
/// </summary>
public sealed class ResumeModelTests
{
    private const int Seeds = 1000;

    [Fact]
    public async Task Clients_OfOneNode_ReceiveEverythingOnceOrAreToldOfAGap()
    {
        var (received, gaps) = (0, 0);

        // A thread of its own, because it becomes one that runs drainers.
        await Task.Factory.StartNew(
            () =>
            {
                for (var seed = 1; seed <= Seeds; seed++)
                {
                    var (ofSeed, gapsOfSeed) = Run(seed);
                    received += ofSeed;
                    gaps += gapsOfSeed;
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        Assert.True(received > 10 * Seeds && gaps > Seeds, $"{received} messages and {gaps} gaps, so the model tests little");
    }

    private static (int Received, int Gaps) Run(int seed)
    {
        var random = new Random(seed);
        var context = new SeededContext(random);
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            using var world = new ModelWorld(seed, context, random);
            try
            {
                world.Run();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}: {exception.Message}{Environment.NewLine}{string.Join(Environment.NewLine, world.History)}", exception);
            }

            return (world.Received, world.Gaps);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }
}

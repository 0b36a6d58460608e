using Direct.Compare.Scenarios;
using Direct.Compare.Servers;
using Direct.Testing.Processes;

namespace Direct.Compare.Tests.Servers;

/// <summary>Provides two nodes of the peer and their Redis, on machines where its programs are installed.</summary>
internal static class Peer
{
    public static void SkipWithoutPrograms()
    {
        try
        {
            Find();
        }
        catch (CompareException exception)
        {
            Assert.Skip(exception.Message);
        }
    }

    public static async Task<RunningServer> StartAsync()
    {
        SkipWithoutPrograms();
        return await Find().StartAsync(ScenarioList.Named("2G-E").Single(), TestContext.Current.CancellationToken);
    }

    private static PeerServerUnderTest Find() => PeerServerUnderTest.Find(
        Checkout.Find(), new Ports(FreePort.Take()), null, Environment.GetEnvironmentVariable("PATH"));
}

using System.Net;
using System.Net.Sockets;
using Direct.Silo.Tests.Silos;
using Direct.Testing.Certificates;
using Direct.Testing.WebSockets;

namespace Direct.Silo.Tests.Tls;

/// <summary>Tests mutual TLS between silo and gateway processes.</summary>
public sealed class ClusterTlsTests(SharedDatabase server) : IDisposable
{
    private const string NoColdStart = "Direct:Registry:ColdStartDelay=00:00:00";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Cluster_OfOneAuthority_SignalsFromGatewayToGateway()
    {
        var database = await server.NewWithSchemaAsync();
        await using var first = await TestSilo.StartAsync([.. database.Arguments, NoColdStart, .. Tls(_authority.Issue())]);
        await using var second = await TestSilo.StartAsync([.. database.Arguments, .. Tls(_authority.Issue())]);
        await using var left = TestGateway.Launch([.. database.Arguments, .. Tls(_authority.Issue())]);
        await using var right = TestGateway.Launch([.. database.Arguments, .. Tls(_authority.Issue())]);
        await Task.WhenAll(left.WaitReadyAsync(), right.WaitReadyAsync());
        await using var client = await ProtocolClient.ConnectWithTokenAsync(left.Port);
        await client.JoinAsync(5, 7);

        // These topics are most likely on both silos.
        foreach (var part in (string[])["5,7,0", "5,0,0", "0,7,0", "0,0,0"])
        {
            Assert.Equal(HttpStatusCode.OK, (await right.SignalAsync(part, part)).Status);
            Assert.Equal(part, await client.ReceiveTextAsync());
        }
    }

    [Fact]
    public async Task SiloPorts_SpokenToWithoutTls_AnswerNothing()
    {
        var database = await server.NewWithSchemaAsync();
        string[] ports = TestSilo.Ports();
        await using var silo = await TestSilo.StartAsync([.. database.Arguments, .. ports, NoColdStart, .. Tls(_authority.Issue())]);

        foreach (var port in ports.Select(port => int.Parse(port.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture)))
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(new byte[64], TestContext.Current.CancellationToken); // not a TLS client hello

            var answer = new byte[64];
            var count = await ReadAsync(client.GetStream(), answer);
            Assert.True(count == 0 || answer[0] == 21, $"port {port} answered {Convert.ToHexString(answer, 0, count)}, which is no alert of TLS");
        }
    }

    [Theory]
    [InlineData("no certificate")]
    [InlineData("another authority")]
    [InlineData("another name")]
    public async Task Gateway_ThatIsNoPeer_IsNotReadyAndTheClusterGoesOn(string stranger)
    {
        using var other = new TestAuthority();
        var database = await server.NewWithSchemaAsync();
        string[] named = ["Direct:ClusterTls:PeerName=node.direct.test"];
        await using var silo = await TestSilo.StartAsync([.. database.Arguments, NoColdStart, .. Tls(_authority.Issue()), .. named]);
        await using var peer = TestGateway.Launch([.. database.Arguments, .. Tls(_authority.Issue()), .. named]);
        await peer.WaitReadyAsync();

        string[] arguments = stranger switch
        {
            "no certificate" => [],
            "another authority" => Tls(other.Issue(), other),
            _ => Tls(_authority.Issue("stranger.direct.test")),
        };
        await using var gateway = TestGateway.Launch([.. database.Arguments, .. arguments]);

        await gateway.WaitForOutputAsync("can be reached", timeout: Patience);
        using var ready = await gateway.Http.GetAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await peer.SignalAsync("1,0,0", "still here")).Status);
    }

    [Fact]
    public async Task Start_WithAKeyOfAnotherCertificate_SaysSoAndEnds()
    {
        var database = await server.NewWithSchemaAsync();
        var (first, second) = (_authority.Issue(), _authority.Issue());
        string[] wrong = Tls(first with { KeyPath = second.KeyPath });

        var (exitCode, output) = await TestSilo.RunAsync([.. database.Arguments, .. wrong]);
        await using var gateway = TestGateway.Launch([.. database.Arguments, .. wrong]);

        Assert.Equal((1, 1), (exitCode, await gateway.WaitForExitAsync(Patience)));
        Assert.All((string[])[output, string.Join('\n', gateway.Output)], said =>
        {
            Assert.Contains($"not the private key of {first.CertificatePath}", said, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Start_WithATypoAmongTheSettings_NamesIt()
    {
        var (exitCode, output) = await TestSilo.RunAsync("Direct:ClusterTls:Certifcate=a.crt");

        Assert.Equal(1, exitCode);
        Assert.Contains("Direct:ClusterTls:Certifcate", output, StringComparison.Ordinal);
    }

    private static async Task<int> ReadAsync(NetworkStream stream, byte[] answer)
    {
        try
        {
            return await stream.ReadAsync(answer, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return 0; // the connection was reset
        }
    }

    private string[] Tls(TestCertificate certificate, TestAuthority? authority = null) =>
    [
        $"Direct:ClusterTls:Certificate={certificate.CertificatePath}",
        $"Direct:ClusterTls:Key={certificate.KeyPath}",
        $"Direct:ClusterTls:Authority={(authority ?? _authority).CertificatePath}",
    ];
}

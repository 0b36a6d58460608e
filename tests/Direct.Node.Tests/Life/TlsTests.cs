using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

/// <summary>Tests wss with Kestrel's endpoint configuration and a certificate that the test creates.</summary>
public sealed class TlsTests(TlsTests.SecureNode secured) : IClassFixture<TlsTests.SecureNode>
{
    /// <summary>Provides the node of the tests that neither end it nor change its certificate. They run one after the other.</summary>
    public sealed class SecureNode : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private NodeProcess? _process;

        public int Port { get; } = FreePort.Take();

        public NodeProcess Process => _process!;

        // The plain port is ready only when the other port listens too.
        public async ValueTask InitializeAsync() => _process = await NodeProcess.StartAsync(Options(_folder, Port, "PFX") with { ReadyUri = null });

        public async ValueTask DisposeAsync()
        {
            await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);
            _folder.Dispose();
        }
    }

    [Theory]
    [InlineData("PEM")]
    [InlineData("PFX")]
    public async Task Client_OverWss_IsServedAsOverWs(string format)
    {
        using var folder = new TemporaryFolder();
        var port = format == "PFX" ? secured.Port : FreePort.Take();
        await using var own = format == "PFX" ? null : await NodeProcess.StartAsync(Options(folder, port, format));
        var node = own ?? secured.Process;
        await using var secure = await ProtocolClient.ConnectWithTokenAsync(port, options: new HandshakeOptions { Tls = true });
        await using var plain = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await secure.JoinAsync(1, 2);
        await plain.JoinAsync(1, 2);

        await secure.BroadcastAsync("from wss");
        Assert.Equal("from wss", await plain.ReceiveTextAsync());
        Assert.Equal("from wss", await secure.ReceiveTextAsync());
        Assert.Equal(2, (await node.SignalAsync("1,2,0", "to both")).Delivered);

        Assert.Equal("to both", await secure.ReceiveTextAsync());
        Assert.Equal(new string('x', 511), await EchoAsync(secure, new string('x', 511)));
        await secure.CloseAsync();
    }

    [Fact]
    public async Task Node_WithoutAPlainPort_ServesEverythingOverTls()
    {
        using var folder = new TemporaryFolder();
        var port = FreePort.Take();
        var options = Options(folder, port, "PFX");
        await using var node = await NodeProcess.StartAsync(options with { Arguments = ["port=0", .. options.Arguments] });
        await using var client = await ProtocolClient.ConnectWithTokenAsync(port, options: new HandshakeOptions { Tls = true });

        using var answer = await node.Http.GetAsync(
            new Uri($"https://127.0.0.1:{port}/!direct-signal?part=0,0,1&message=hello"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("hello", await client.ReceiveTextAsync());
        await node.TerminateAsync();
        Assert.Equal(4001, (await client.ReceiveCloseAsync()).Code);
        Assert.Equal(0, await node.WaitForExitAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Client_OfTheFramework_IsServedOverEitherHttpVersionOrFallsBack(int major)
    {
        var port = secured.Port;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        };
        using var invoker = new HttpMessageInvoker(handler);
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = new Version(major, major == 1 ? 1 : 0);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Deadline.Default);

        await client.ConnectAsync(new Uri($"wss://127.0.0.1:{port}/!direct"), invoker, timeout.Token);
        await client.SendAsync("token"u8.ToArray(), WebSocketMessageType.Text, true, timeout.Token);
        await client.SendAsync("5,6"u8.ToArray(), WebSocketMessageType.Text, true, timeout.Token);
        await client.SendAsync(":hello"u8.ToArray(), WebSocketMessageType.Text, true, timeout.Token);
        var buffer = new byte[100];
        var received = await client.ReceiveAsync(buffer, timeout.Token);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Count));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "", timeout.Token);
        Assert.Equal(WebSocketState.Closed, client.State);
    }

    [Fact]
    public async Task Member_OverWssThatDoesNotRead_IsClosedAloneAsOverWs()
    {
        var (node, port) = (secured.Process, secured.Port);
        await using var slow = await ProtocolClient.ConnectWithTokenAsync(port, options: new HandshakeOptions { Tls = true, ReceiveBufferBytes = 4096 });
        await using var other = await ProtocolClient.ConnectWithTokenAsync(port, options: new HandshakeOptions { Tls = true });
        await slow.JoinAsync(3, 4);
        await other.JoinAsync(3, 4);
        var text = new string('x', 60_000);

        var delivered = 2;
        for (var sent = 0; delivered == 2 && sent < 400; sent++)
        {
            delivered = (await node.SignalAsync("3,4,0", text)).Delivered!.Value;
            Assert.Equal(text, await other.ReceiveTextAsync());
        }

        Assert.Equal(1, delivered);
        Assert.Equal(4002, (await slow.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task Node_ThatIsReadyOnItsPlainPort_ListensOnTheTlsPortToo()
    {
        using var folder = new TemporaryFolder();
        var port = FreePort.Take();
        await using var node = await NodeProcess.StartAsync(Options(folder, port, "PFX") with { ReadyUri = null });

        await using var client = await ProtocolClient.ConnectAsync(port, new HandshakeOptions { Tls = true });

        await client.SyncAsync();
    }

    // Regression test: the web server checks the files every four seconds by default. When they changed, it closed the endpoint, and reset all its
    // connections five seconds later. The test counts pings to measure the time.
    [Fact]
    public async Task Connection_WhenTheCertificateIsOverwritten_StaysOpen()
    {
        using var folder = new TemporaryFolder();
        var port = FreePort.Take();
        var options = Options(folder, port, "PEM");
        await using var node = await NodeProcess.StartAsync(options with { Arguments = ["Direct:Connections:PingInterval=00:00:01", .. options.Arguments] });
        await using var client = await ProtocolClient.ConnectWithTokenAsync(port, options: new HandshakeOptions { Tls = true });
        client.AnswerPings = false;

        Certificate(folder, "PEM");
        for (var ping = 0; ping < 12; ping++)
        {
            var frame = await client.ReceiveAsync();
            Assert.True(frame.IsPing, $"a ping expected, got {frame}");
            await client.SendPongAsync(frame.Payload);
        }

        await client.SyncAsync();
    }

    private static NodeOptions Options(TemporaryFolder folder, int port, string format) => new()
    {
        Arguments = [$"Kestrel:Endpoints:Wss:Url=https://127.0.0.1:{port}", .. Certificate(folder, format)],
        ReadyUri = new Uri($"https://127.0.0.1:{port}/readyz"),
    };

    private static string[] Certificate(TemporaryFolder folder, string format)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        const string prefix = "Kestrel:Endpoints:Wss:Certificate";
        return format == "PEM"
            ?
            [
                $"{prefix}:Path={folder.Write("direct.pem", certificate.ExportCertificatePem())}",
                $"{prefix}:KeyPath={folder.Write("direct.key", key.ExportPkcs8PrivateKeyPem())}",
            ]
            :
            [
                $"{prefix}:Path={folder.Write("direct.pfx", certificate.Export(X509ContentType.Pfx, "secret"))}",
                $"{prefix}:Password=secret",
            ];
    }

    private static async Task<string> EchoAsync(ProtocolClient client, string text)
    {
        await client.BroadcastAsync(text);
        return await client.ReceiveTextAsync();
    }
}

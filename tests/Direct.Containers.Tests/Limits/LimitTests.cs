using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Direct.Containers.Tests.Engine;
using Direct.Containers.Tests.Load;
using Direct.Containers.Tests.Partitions;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Containers.Tests.Limits;

/// <summary>Tests the capacity of containers within their limits. These tests take long and load the machine, so they run only on request.</summary>
public sealed class LimitTests(ContainerEngine engine, ITestOutputHelper output)
{
    private const string Variable = "DIRECT_CONTAINER_LIMITS";
    private const int MostConnections = 19_000;
    private const int AtATime = 200;
    private const int SlowReaders = 1_000;
    private const int GatewayFenced = 4008;

    private static readonly byte[] Arrival =
        [.. Encoding.ASCII.GetBytes(HandshakeOptions.Default.Render(8085)), .. ClientFrame.Text("token").Encode(), .. ClientFrame.Text("1,1").Encode()];

    [Theory]
    [InlineData("256m")]
    [InlineData("512m")]
    public async Task Gateway_FullOfIdleConnections_IsNotKilled(string memory)
    {
        Require();
        await using var container = await StartAsync($"idle-{memory}", "--memory", memory, "--memory-swap", memory);
        var address = await AddressAsync(container);
        var pid = await container.PidAsync();
        Note($"{memory}, nobody: {await UsageAsync(container)}");

        var sockets = new List<Socket>();
        try
        {
            for (var refused = false; !refused && sockets.Count < MostConnections;)
            {
                var more = await Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => TryConnectAsync(address)));
                sockets.AddRange(more.OfType<Socket>());
                refused = more.Any(socket => socket is null);
            }

            Note($"{memory}, {sockets.Count} idle connections: {await UsageAsync(container)}");
            var receipt = await SignalAsync(address, "hello");
            Note($"{memory}, a signal to all: {receipt}");
            Note($"{memory}, after it: {await UsageAsync(container)}");
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        Assert.Equal((pid, "false"), (await container.PidAsync(), await container.InspectAsync("{{.State.OOMKilled}}")));
    }

    [Theory]
    [InlineData("256m")]
    [InlineData("512m")]
    public async Task Gateway_WithSlowReaders_ShedsLoadAndIsNotKilled(string memory)
    {
        Require();
        await using var container = await StartAsync($"slow-{memory}", "--memory", memory, "--memory-swap", memory);
        var address = await AddressAsync(container);
        var pid = await container.PidAsync();
        var sockets = (await Task.WhenAll(Enumerable.Range(0, SlowReaders).Select(_ => TryConnectAsync(address)))).OfType<Socket>().ToList();
        var message = new string('x', 60_000);

        var answers = new Dictionary<string, int>();
        for (var i = 0; i < 300; i++)
        {
            var answer = await SignalAsync(address, message);
            var kind = answer.Split(' ')[0];
            answers[kind] = answers.GetValueOrDefault(kind) + 1;
        }

        Note($"{memory}, {sockets.Count} that do not read, 300 signals of {message.Length} bytes to all: {string.Join(", ", answers.Select(pair => $"{pair.Value} x {pair.Key}"))}; {await UsageAsync(container)}");
        sockets.ForEach(socket => socket.Dispose());
        Assert.Equal((pid, "false"), (await container.PidAsync(), await container.InspectAsync("{{.State.OOMKilled}}")));
        await using var browser = await ProtocolClient.ConnectWithTokenAsync(8085, options: HandshakeOptions.Default with { Address = address });
        await browser.JoinAsync(2, 2);
        await Deadline.UntilAsync("signals are taken again", async () => (await SignalAsync(address, "back", "2,2,0")).StartsWith("200", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        Assert.Equal("back", await browser.ReceiveTextAsync());
    }

    [Fact]
    public async Task Cluster_WithHalfACoreEach_KeepsItsLeases()
    {
        Require();
        await using var cluster = await NetworkedCluster.StartAsync(engine, "half", "--cpus", "0.5");
        await using var load = await LoadRun.StartAsync([.. cluster.Entries.Values], NetworkedCluster.Key);

        await load.SettleAsync(more: 2000); // longer than a lease

        var errors = await load.FinishAsync();
        Note($"half a core each: {load.Accepted} signals accepted, {load.Sessions.Count} connections, {errors.Count} errors");
        Assert.Empty(errors);
        Assert.DoesNotContain(load.Sessions, session => session.CloseCode == GatewayFenced);
    }

    private static async Task<Socket?> TryConnectAsync(IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        try
        {
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            await socket.ConnectAsync(new IPEndPoint(address, 8085), late.Token);
            await socket.SendAsync(Arrival, late.Token);
            var head = new byte[16];
            var count = await socket.ReceiveAsync(head, late.Token);
            if (Encoding.ASCII.GetString(head, 0, count).StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
            {
                return socket;
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The connection was refused or reset.
        }

        socket.Dispose();
        return null;
    }

    // Returns the status and the body of the response.
    private static async Task<string> SignalAsync(IPAddress address, string message, string part = "1,1,0")
    {
        using var content = new FormUrlEncodedContent(new Dictionary<string, string> { ["part"] = part, ["message"] = message });
        using var response = await Container.Http.PostAsync(new Uri($"http://{address}:8085/!direct-signal"), content);
        var body = await response.Content.ReadAsStringAsync();
        return string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {body}");
    }

    private static async Task<IPAddress> AddressAsync(Container container) =>
        IPAddress.Parse(await container.InspectAsync("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"));

    private void Require()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) == "1", $"loads the machine for minutes; {Variable}=1 runs it");
        engine.Images.Require();
    }

    private async Task<Container> StartAsync(string name, params string[] options)
    {
        var network = $"{engine.Id}-{name}";
        await engine.RunAsync("network", "create", network);
        var container = await Container.StartAsync(engine, name, [.. options, "--read-only", "--tmpfs", "/tmp", "--network", network, engine.Images.Gateway, "env=test"]);
        var address = await AddressAsync(container);
        await container.WaitReadyAsync(new Uri($"http://{address}:8085/readyz"));
        return container;
    }

    private Task<string> UsageAsync(Container container) => engine.RunAsync("stats", "--no-stream", "--format", "{{.MemUsage}}", container.Name);

    private void Note(string what) => output.WriteLine(what);
}

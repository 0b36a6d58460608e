using System.Globalization;
using System.Text.RegularExpressions;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Sessions.Tests.Gateways;

/// <summary>
/// Represents a whole gateway process outside <c>env=test</c>. It runs without a silo, which has no part in tokens, and so starts in a third of the
/// processor time.
/// </summary>
internal sealed partial class ProductionGateway : IAsyncDisposable
{
    private ProductionGateway(NodeProcess process) => Process = process;

    public NodeProcess Process { get; }

    public static async Task<ProductionGateway> StartAsync(string connectionString, params string[] arguments)
    {
        var options = new NodeOptions
        {
            AssemblyName = "Direct.Gateway",
            Environment = new Dictionary<string, string> { ["Direct__Sessions__ConnectionString"] = connectionString },
            Arguments = ["cluster=none", "env=production", "Logging:LogLevel:Direct.Edge=Debug", .. arguments],
        };
        return new ProductionGateway(await NodeProcess.StartAsync(options));
    }

    /// <summary>Connects, sends the token, and waits until it has been handled.</summary>
    public Task<ProtocolClient> EnterAsync(string token) => ProtocolClient.ConnectWithTokenAsync(Process.Port, token);

    /// <summary>Connects, sends the token, and returns the close frame, which must follow.</summary>
    public Task<CloseStatus> RefusedAsync(string token, TimeSpan? timeout = null) => RefusedAsync(ClientFrame.Text(token), timeout);

    public async Task<CloseStatus> RefusedAsync(ClientFrame token, TimeSpan? timeout = null)
    {
        await using var client = await ProtocolClient.ConnectAsync(Process.Port);
        await client.SendAsync(token);
        return await client.ReceiveCloseAsync(timeout);
    }

    /// <summary>Connects, sends the token, closes, and returns the user id in the log.</summary>
    public Task<long> UserOfAsync(string token) => UserOfAsync(ClientFrame.Text(token));

    public async Task<long> UserOfAsync(ClientFrame token)
    {
        var before = Process.Output.Count;
        await using var client = await ProtocolClient.ConnectAsync(Process.Port);
        await client.SendAsync(token);
        await client.SyncAsync();
        await client.CloseAsync();
        var line = await Process.WaitForOutputAsync("ended: client_closed", before);
        return long.Parse(User().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Returns the status and the text of <c>/readyz</c>.</summary>
    public async Task<string> ReadyAsync()
    {
        using var answer = await Process.Http.GetAsync(new Uri("/readyz", UriKind.Relative));
        return $"{(int)answer.StatusCode} {(await answer.Content.ReadAsStringAsync()).Trim()}";
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    [GeneratedRegex("of user (-?[0-9]+) ended")]
    private static partial Regex User();
}

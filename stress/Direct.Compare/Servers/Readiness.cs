using System.Net;
using System.Net.Sockets;

namespace Direct.Compare.Servers;

/// <summary>Waits until a started server is ready.</summary>
internal static class Readiness
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static Task AwaitListeningAsync(ChildProcess child, int port, CancellationToken cancellationToken) =>
        AwaitAsync(child, $"nothing listens on port {port}", () => ListensAsync(port, cancellationToken), cancellationToken);

    public static async Task AwaitReadyAsync(ChildProcess child, int port, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var uri = new Uri($"http://127.0.0.1:{port}/readyz");
        await AwaitAsync(child, $"{uri} is not 200", () => IsReadyAsync(http, uri, cancellationToken), cancellationToken);
    }

    private static async Task AwaitAsync(
        ChildProcess child, string otherwise, Func<Task<bool>> isThere, CancellationToken cancellationToken)
    {
        var end = DateTime.UtcNow + Limit;
        while (!await isThere())
        {
            if (child.HasExited)
            {
                await child.WaitForEndAsync(cancellationToken); // its last output may arrive after it has ended
                throw new CompareException($"the server ended with {child.ExitCode} before it was ready: {child.LastOutput}");
            }

            if (DateTime.UtcNow > end)
            {
                throw new CompareException($"{otherwise} after {Limit.TotalSeconds:0} s: {child.LastOutput}");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(uri, cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

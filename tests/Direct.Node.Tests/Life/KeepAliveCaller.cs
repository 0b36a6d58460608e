using System.Net;
using System.Net.Sockets;
using Direct.Testing.Http;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Life;

/// <summary>Sends one request after the other on one connection, until a response asks to close it.</summary>
internal sealed class KeepAliveCaller
{
    private int _answers;

    private KeepAliveCaller(int port) => Ended = Deadline.RunAsync("a keep-alive connection is told to close", token => CallAsync(port, token));

    public int Answers => Volatile.Read(ref _answers);

    /// <summary>Gets a task that completes after the last request.</summary>
    public Task Ended { get; }

    /// <summary>Gets how the connection ended.</summary>
    public string Outcome { get; private set; } = "not ended";

    public static KeepAliveCaller Start(int port) => new(port);

    private async ValueTask CallAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        using var stream = new NetworkStream(socket);
        var reader = new BufferedReader(stream);
        try
        {
            HttpAnswer answer;
            do
            {
                await stream.WriteAsync("GET /!direct-signal?part=1,2,3&message=x HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), cancellationToken);
                answer = await HttpAnswerReader.ReadAsync(reader, hasBody: true, cancellationToken);
                Interlocked.Increment(ref _answers);
            }
            while (answer.Status == 200 && answer.Header("Connection") != "close");
            Outcome = answer.Status == 200 ? "answered with Connection: close" : answer.ToString();
        }
        catch (IOException exception)
        {
            Outcome = $"cut off after {Answers} answers: {exception.Message}";
        }
    }
}

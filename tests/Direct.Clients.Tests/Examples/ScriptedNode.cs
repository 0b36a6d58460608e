using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Direct.Testing.Processes;

namespace Direct.Clients.Tests.Examples;

/// <summary>Answers signals with what a test wants, in order: answers that a node alone has no reason to give. The last one stays.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<ScriptedAnswer> _answers;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Task _answering;

    public ScriptedNode(params ScriptedAnswer[] answers)
    {
        Url = new Uri($"http://127.0.0.1:{FreePort.Take()}/");
        _answers = new ConcurrentQueue<ScriptedAnswer>(answers);
        _listener.Prefixes.Add(Url.ToString());
        _listener.Start();
        _answering = AnswerAsync();
    }

    public Uri Url { get; }

    /// <summary>What came: the query and the body of each request.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _answering;
    }

    private async Task AnswerAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var reader = new StreamReader(context.Request.InputStream);
            _requests.Enqueue($"{context.Request.Url!.Query} {await reader.ReadToEndAsync()}");
            if (_answers.Count > 1 ? !_answers.TryDequeue(out var answer) : !_answers.TryPeek(out answer))
            {
                return;
            }

            if (answer.Status == 0)
            {
                context.Response.Abort();
                continue;
            }

            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.Status < 400 ? "application/json" : "application/problem+json";
            if (answer.Status == 503)
            {
                context.Response.Headers["Retry-After"] = "2";
            }

            context.Response.Close(Encoding.UTF8.GetBytes(answer.Body), willBlock: true);
        }
    }
}

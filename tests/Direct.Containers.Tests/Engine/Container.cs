using System.Globalization;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Containers.Tests.Engine;

/// <summary>Represents one container that runs in the background. Disposing removes it.</summary>
internal sealed class Container : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromMinutes(2);

    private readonly ContainerEngine _engine;

    public Container(ContainerEngine engine, string name) => (_engine, Name) = (engine, name);

    /// <summary>Gets the client for requests to containers.</summary>
    public static HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(10) };

    public string Name { get; }

    /// <summary>Starts a container with these options of <c>run</c>, the image and its arguments.</summary>
    public static async Task<Container> StartAsync(ContainerEngine engine, string name, params string[] arguments)
    {
        var container = new Container(engine, $"{engine.Id}-{name}");
        await engine.RunAsync(["run", "--detach", "--name", container.Name, .. arguments]);
        return container;
    }

    /// <summary>Returns the process id of the container's program on this machine.</summary>
    public async Task<int> PidAsync() => int.Parse(await InspectAsync("{{.State.Pid}}"), CultureInfo.InvariantCulture);

    public async Task<int> ExitCodeAsync() => int.Parse(await InspectAsync("{{.State.ExitCode}}"), CultureInfo.InvariantCulture);

    public Task<string> InspectAsync(string format) => _engine.RunAsync("inspect", "--format", format, Name);

    /// <summary>Returns standard output and error up to now.</summary>
    public async Task<string> LogAsync() => (await _engine.TryAsync("logs", Name)).Output;

    /// <summary>Stops the container gracefully, and kills it after the timeout.</summary>
    public Task StopAsync(int seconds) => _engine.RunAsync("stop", "--time", string.Create(CultureInfo.InvariantCulture, $"{seconds}"), Name);

    public Task StartAgainAsync() => _engine.RunAsync("start", Name);

    /// <summary>Kills the program as the kernel would, so that the engine treats it as a crash.</summary>
    public async Task KillAsync()
    {
        var pid = await PidAsync();
        await using var kill = Command.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -KILL {pid}")]);
        await kill.EndsWellAsync();
    }

    /// <summary>Waits until the container runs another process than this one.</summary>
    public Task WaitForRestartAsync(int pid) => Deadline.UntilAsync(
        $"{Name} ends and is started again",
        async () =>
        {
            await Deadline.PaceAsync(500); // each query holds the lock that the restart needs
            return await PidAsync() is var now && now != pid && now != 0;
        },
        ReadyTimeout);

    /// <summary>Polls the address until it answers 200.</summary>
    public Task WaitReadyAsync(Uri uri) => WaitReadyAsync(() => Task.FromResult<Uri?>(uri));

    /// <summary>Polls an address that may change, or be unknown for a while, until it answers 200.</summary>
    public async Task WaitReadyAsync(Func<Task<Uri?>> find)
    {
        var last = "no answer yet";
        await Deadline.UntilAsync(
            $"{Name} is ready",
            async () =>
            {
                last = await find() is { } uri ? await AnswerAsync(uri) : "it has no address";
                await Deadline.PaceAsync(last == "OK" ? 0 : 500);
                return last == "OK";
            },
            ReadyTimeout,
            () => $"last: {last}\n{LogAsync().GetAwaiter().GetResult()}");
    }

    /// <summary>Waits until the container has logged this text.</summary>
    public async Task WaitForLogAsync(string text)
    {
        var log = "";
        await Deadline.UntilAsync(
            $"\"{text}\" from {Name}",
            async () =>
            {
                await Deadline.PaceAsync(300);
                log = await LogAsync();
                return log.Contains(text, StringComparison.Ordinal);
            },
            ReadyTimeout,
            () => log);
    }

    public async ValueTask DisposeAsync() => await _engine.TryAsync("rm", "--force", "--time", "0", Name);

    private static async Task<string> AnswerAsync(Uri uri)
    {
        try
        {
            using var response = await Http.GetAsync(uri);
            return response.StatusCode.ToString();
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return exception.Message;
        }
    }
}

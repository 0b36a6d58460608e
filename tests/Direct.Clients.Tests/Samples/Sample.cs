using System.Globalization;
using Direct.Clients.Tests.JavaScript;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Xunit;

namespace Direct.Clients.Tests.Samples;

/// <summary>Represents a sample of <c>samples/</c> that runs, started by its own command. Disposing ends it.</summary>
internal sealed class Sample : IAsyncDisposable
{
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(4);

    private readonly Command _command;

    private Sample(Command command, string url)
    {
        _command = command;
        Url = url;
    }

    /// <summary>Gets the address of its page.</summary>
    public string Url { get; }

    /// <summary>Starts a sample for a gateway that runs already.</summary>
    public static Task<Sample> StartAsync(string name, NodeProcess node, string key) =>
        StartAsync(name, new() { ["DIRECT_URL"] = node.BaseUri.ToString().TrimEnd('/'), ["DIRECT_KEY"] = key });

    /// <summary>Starts a sample, which starts its own gateway.</summary>
    public static Task<Sample> StartAsync(string name) => StartAsync(name, new() { ["DIRECT_URL"] = "", ["DIRECT_PORT"] = Text(FreePort.Take()) });

    /// <summary>Starts a sample, which starts a cluster with two gateways.</summary>
    public static Task<Sample> StartWithClusterAsync(string name) => StartAsync(
        name, new() { ["DIRECT_PORT"] = Text(FreePort.Take()), ["GATEWAY_PORT"] = Text(FreePort.Take(2)) }, "mariadbd", "haproxy");

    public async ValueTask DisposeAsync() => await EndAsync(_command);

    /// <summary>Ends the sample as Ctrl-C does, and waits until it has ended.</summary>
    public Task EndAsync() => _command.EndAsync();

    private static Task<Sample> StartAsync(string name, Dictionary<string, string> environment) => StartAsync(name, environment, "php");

    private static async Task<Sample> StartAsync(string name, Dictionary<string, string> environment, params string[] programs)
    {
        ClientFolder.RequireBuilt();
        foreach (var program in programs.Append("curl"))
        {
            Assert.SkipWhen(InstalledProgram.Find(program) is null, $"{program} is missing; samples/README.md says how to install it");
        }

        var port = FreePort.Take();
        environment["PORT"] = Text(port);
        var url = $"http://localhost:{port}";
        var command = Command.Start(Path.Combine(Repository.Root, "samples", name, "start"), [], Path.GetTempPath(), environment);
        using var http = new HttpClient();
        try
        {
            await Deadline.UntilAsync($"samples/{name} answers at {url}", () => AnswersAsync(http, new Uri(url)), BuildTimeout, () => command.Output);
            return new Sample(command, url);
        }
        catch
        {
            await EndAsync(command);
            throw;
        }
    }

    private static async Task EndAsync(Command command)
    {
        await using (command)
        {
            await command.EndAsync();
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static async Task<bool> AnswersAsync(HttpClient http, Uri uri)
    {
        try
        {
            using var response = await http.GetAsync(uri);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

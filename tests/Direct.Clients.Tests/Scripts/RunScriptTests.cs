using Direct.Testing.Processes;
using Direct.Testing.Time;
using Xunit;

namespace Direct.Clients.Tests.Scripts;

/// <summary>Tests <c>./run</c>, the first command that a new user runs.</summary>
[Collection("publishing")] // the samples build the gateway, too
public sealed class RunScriptTests
{
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(3);
    private static readonly string Script = Path.Combine(Repository.Root, "run");

    [Fact]
    public async Task Run_FromAnotherFolder_StartsANodeThatDrainsOnSigTerm()
    {
        var port = FreePort.Take();
        await using var run = Command.Start(
            Script, [$"port={port}", "env=test", "Direct:Endpoints:Address=127.0.0.1"], Path.GetTempPath());
        using var http = new HttpClient();
        await Deadline.UntilAsync(
            $"./run answers on {port}", () => AnswersAsync(http, new Uri($"http://127.0.0.1:{port}/readyz")), BuildTimeout, () => run.Output);

        run.Terminate();

        Assert.Equal(0, await run.WaitForExitAsync());
    }

    [Fact]
    public async Task Run_WithSettingsTheNodeRefuses_ReturnsItsExitCode()
    {
        await using var run = Command.Start(Script, [$"port={FreePort.Take()}", "Direct:Endpoints:Address=127.0.0.1", "sessions=some"]);

        Assert.NotEqual(0, await run.WaitForExitAsync(BuildTimeout));
        Assert.Contains("Direct:Sessions:Mode (sessions=) is 'some'", run.Output, StringComparison.Ordinal);
    }

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

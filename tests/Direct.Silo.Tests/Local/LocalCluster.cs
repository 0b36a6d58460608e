using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Silo.Tests.Local;

/// <summary>Runs the scripts of deploy/local as a user does: from another folder, with a state folder whose name contains a space. Disposing stops the cluster.</summary>
public sealed class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan ScriptTimeout = TimeSpan.FromMinutes(4);

    public string Folder { get; } = Directory.CreateTempSubdirectory("direct local ").FullName;

    /// <summary>Runs a script and asserts that it succeeds.</summary>
    public async Task<string> DoAsync(string script, params string[] arguments)
    {
        var (exitCode, output) = await RunAsync(script, arguments);
        Assert.True(exitCode == 0, $"deploy/local/{script} {string.Join(' ', arguments)}: exit code {exitCode}\n{output}");
        return output;
    }

    public async Task<(int ExitCode, string Output)> RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "deploy", "local", script), arguments)
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DIRECT_LOCAL_DIR"] = Folder;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await Deadline.RunAsync(
                string.Create(CultureInfo.InvariantCulture, $"deploy/local/{script} {process.Id} ends"),
                async token => await process.WaitForExitAsync(token),
                ScriptTimeout);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true); // the script holds the lock that the other scripts wait for
            throw;
        }

        return (process.ExitCode, await output + await errors);
    }

    public async Task<JsonElement> StatusAsync() => JsonElement.Parse(await DoAsync("status", "--json"));

    /// <summary>Returns the ports of one kind, <c>silos</c> for instance, from the status script.</summary>
    public async Task<int[]> PortsAsync(string kind) =>
        [.. Rows(await StatusAsync(), kind).Select(row => row.GetProperty("port").GetInt32())];

    /// <summary>Kills a process with SIGKILL, and waits until the status script reports it.</summary>
    public async Task KillAsync(string kind, int port)
    {
        var pid = await PidAsync(kind, port) ?? throw new InvalidOperationException($"{kind} {port} has ended");
        using (var process = Process.GetProcessById(pid))
        {
            process.Kill();
        }

        await Deadline.UntilAsync($"the killed one of {kind} on {port} has no process id", async () => await PidAsync(kind, port) is null);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("down");
        Directory.Delete(Folder, recursive: true);
    }

    private async Task<int?> PidAsync(string kind, int port)
    {
        var pid = Rows(await StatusAsync(), kind).Single(row => row.GetProperty("port").GetInt32() == port).GetProperty("pid");
        return pid.ValueKind is JsonValueKind.Null ? null : pid.GetInt32();
    }

    private static JsonElement[] Rows(JsonElement status, string kind)
    {
        var rows = status.GetProperty(kind);
        return rows.ValueKind is JsonValueKind.Array ? [.. rows.EnumerateArray()] : [rows];
    }
}

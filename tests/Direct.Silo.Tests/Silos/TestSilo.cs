using Direct.Testing.Processes;

namespace Direct.Silo.Tests.Silos;

/// <summary>Starts the real silo as a separate process.</summary>
internal static class TestSilo
{
    /// <summary>Specifies a part of the line that a silo logs when it is a member.</summary>
    public const string Ready = "is ready in cluster";

    /// <summary>Returns arguments with two free ports.</summary>
    public static string[] Ports() => [$"Direct:Silo:SiloPort={FreePort.Take()}", $"Direct:Silo:GatewayPort={FreePort.Take()}"];

    public static NodeProcess Launch(params string[] arguments) => Launch(new Dictionary<string, string>(), arguments);

    public static NodeProcess Launch(IReadOnlyDictionary<string, string> environment, params string[] arguments) => NodeProcess.Launch(new NodeOptions
    {
        AssemblyName = "Direct.Silo",
        Environment = environment,

        // Removes the default arguments that only a gateway supports.
        Arguments = ["port=", "env=", "Direct:Endpoints:Address=", .. arguments],
    });

    /// <summary>Starts a silo on the loopback address and waits until it is a member.</summary>
    public static async Task<NodeProcess> StartAsync(params string[] arguments)
    {
        var silo = Launch([.. Ports(), "Direct:Silo:Address=127.0.0.1", .. arguments]);
        try
        {
            await silo.WaitForOutputAsync(Ready, timeout: TimeSpan.FromSeconds(60));
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a silo until it exits. Returns the exit code and the output.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var silo = Launch(arguments);
        var exitCode = await silo.WaitForExitAsync(TimeSpan.FromSeconds(60));
        return (exitCode, string.Join('\n', silo.Output));
    }
}

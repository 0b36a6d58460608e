using Direct.Clients.Tests.Npm;
using Direct.Clients.Tests.Php;
using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.Conformance;

/// <summary>Runs <c>clients/conformance</c>, whose README explains the table that it prints.</summary>
internal static class ConformanceRun
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(4);
    private static readonly string[] Clients = ["js", "dotnet", "php"];

    /// <summary>Runs it with these options, and asserts that every client has scenarios, all of which pass.</summary>
    public static async Task PassesAsync(ITestOutputHelper output, params string[] options)
    {
        _ = PhpProgram.Require();
        await using var run = Command.Start(NpmScript.RequireNode(), ["clients/conformance/run.mjs", "--configuration", Repository.Configuration, .. options]);
        int code;
        try
        {
            code = await run.WaitForExitAsync(Timeout);
        }
        finally
        {
            await run.EndAsync();
        }

        output.WriteLine(run.Output);
        Assert.True(code == 0, run.Output);
        Assert.All(Clients, client => Assert.Matches($@"(?m)^{client}: [1-9]\d* passed, 0 failed$", run.Output));
    }
}

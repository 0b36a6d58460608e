using Direct.Testing.Processes;
using Xunit;

namespace Direct.Clients.Tests.JavaScript;

/// <summary>Runs the tests in <c>clients/js/tests</c>: the built client against a scripted gateway, with a clock that the tests move.</summary>
public sealed class ClientUnitTests
{
    private static readonly string Tests = Path.Combine(ClientFolder.Path, "tests");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Tests, "*.test.mjs").Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task TestFile_OfTheClient_Passes(string file)
    {
        var node = ClientFolder.RequireBuilt();
        await using var run = Command.Start(node, ["--enable-source-maps", "--test", "--test-reporter=tap", Path.Combine(Tests, file)]);

        await run.EndsWellAsync(TimeSpan.FromMinutes(1));

        Assert.Matches("(?m)^# pass [1-9]", run.Output);
    }

    [Fact]
    public async Task Types_OfTheClient_AcceptAndRefuseWhatTheyShould()
    {
        var node = ClientFolder.RequireBuilt();
        await using var compiler = Command.Start(
            node, [Path.Combine(ClientFolder.Path, "node_modules", "typescript", "bin", "tsc"), "--project", Tests]);

        await compiler.EndsWellAsync(TimeSpan.FromMinutes(1));
    }
}

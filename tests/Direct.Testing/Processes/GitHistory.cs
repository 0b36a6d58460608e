namespace Direct.Testing.Processes;

/// <summary>Reads the git history of this checkout, which may be short (a shallow clone) or missing (an archive).</summary>
public static class GitHistory
{
    /// <summary>
    /// Returns the full hash of a commit, or null with the reason why it may be missing here. Throws when the commit is missing from a complete
    /// history.
    /// </summary>
    public static async Task<(string? Commit, string WhyMissing)> FindAsync(string name)
    {
        if (InstalledProgram.Find("git") is null)
        {
            return (null, "git is not installed; get it: apt-get install git");
        }

        if (await TryAsync("rev-parse", "--verify", "--quiet", $"{name}^{{commit}}") is (0, var commit))
        {
            return (commit.Trim(), "");
        }

        return await TryAsync("rev-parse", "--is-shallow-repository") switch
        {
            (0, var isShallow) when isShallow.Trim() == "true" => (null, $"this is a shallow clone without commit {name}; get it: git fetch --unshallow"),
            (0, _) => throw new InvalidOperationException($"there is no commit {name} in the history of this checkout"),
            (_, var error) => (null, $"git cannot read the history of this checkout: {error}"),
        };
    }

    /// <summary>Returns whether a commit is an ancestor of HEAD.</summary>
    public static async Task<bool> IsAncestorOfHeadAsync(string commit) => (await TryAsync("merge-base", "--is-ancestor", commit, "HEAD")).Code == 0;

    /// <summary>Returns the content of a file at a commit.</summary>
    public static Task<string> ShowAsync(string commit, string path) => RunAsync("show", $"{commit}:{path}");

    /// <summary>Runs a git command in the root of the checkout, and throws when it fails.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output) = await TryAsync(arguments);
        return code == 0 ? output : throw new InvalidOperationException($"git {string.Join(' ', arguments)} exited with {code}: {output}");
    }

    private static async Task<(int Code, string Output)> TryAsync(params string[] arguments)
    {
        await using var command = Command.Start("git", arguments);
        var code = await command.WaitForExitAsync(TimeSpan.FromSeconds(60));
        return (code, code == 0 ? command.StandardOutput : command.Output);
    }
}

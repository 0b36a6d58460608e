using Direct.Compare.Servers;

namespace Direct.Compare.Machines;

/// <summary>Represents the revision that was measured.</summary>
/// <param name="Commit">Its short hash.</param>
/// <param name="ChangedFiles">
/// The number of files that differ from the commit, without results. If it is not 0, the figures are not those of the commit.
/// </param>
internal sealed record Revision(string Commit, int ChangedFiles)
{
    public static async Task<Revision> DescribeAsync(Checkout checkout, CancellationToken cancellationToken)
    {
        try
        {
            var (exitCode, commit, _) = await GitAsync(["rev-parse", "--short", "HEAD"]);
            if (exitCode == 0)
            {
                var (_, changes, _) = await GitAsync(["status", "--porcelain", "--", ".", ":!stress/results"]);
                return new Revision(commit.Trim(), changes.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            }
        }
        catch (CompareException)
        {
            // There is no git repository, because an archive was unpacked.
        }

        return new Revision("unknown", 0);

        Task<(int ExitCode, string Output, string Errors)> GitAsync(string[] arguments) =>
            ChildProcess.RunAsync(["git", "-C", checkout.Root, .. arguments], null, TimeSpan.FromSeconds(30), cancellationToken);
    }
}

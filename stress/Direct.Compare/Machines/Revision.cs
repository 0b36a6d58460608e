using Direct.Compare.Servers;

namespace Direct.Compare.Machines;

/// <summary>What has been measured.</summary>
/// <param name="Commit">Its short hash.</param>
/// <param name="ChangedFiles">How many files differ from it, results left out; then the figures are not the commit's.</param>
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
            // No git here: an archive has been unpacked.
        }

        return new Revision("unknown", 0);

        Task<(int ExitCode, string Output, string Errors)> GitAsync(string[] arguments) =>
            ChildProcess.RunAsync(["git", "-C", checkout.Root, .. arguments], null, TimeSpan.FromSeconds(30), cancellationToken);
    }
}

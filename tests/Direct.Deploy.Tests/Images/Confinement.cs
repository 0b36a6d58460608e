using System.Globalization;
using Direct.Testing.Processes;
using Direct.Testing.Runs;

namespace Direct.Deploy.Tests.Images;

/// <summary>
/// Runs a program with most restrictions of a container: as the user of the images, without capabilities and without a home, in a folder that is not
/// writable. Where mount namespaces are allowed, the whole root is read-only except a new /tmp.
/// </summary>
internal static class Confinement
{
    /// <summary>Specifies the APP_UID of Microsoft's images.</summary>
    public const int User = 1654;

    // $1 is the folder and $2 that of dotnet; the rest is a program with its arguments. The folder is bound before a new /tmp hides it.
    private const string ReadOnlyRoot = """
        set -e
        mount --bind "$1" /mnt && mount -o remount,bind,ro /mnt
        mount -t tmpfs -o mode=1777,size=64m tmpfs /tmp
        mkdir /tmp/dotnet && mount --bind "$2" /tmp/dotnet
        mount -o remount,bind,ro /
        cd /mnt
        shift 2
        exec "$@"
        """;

    private const string ReadOnlyFolder = """
        cd "$1" || exit 1
        shift 2
        exec "$@"
        """;

    /// <summary>
    /// Returns the command that runs <paramref name="program"/> in <paramref name="folder"/>, with only these variables and the one by which it is
    /// ended with the tests.
    /// </summary>
    public static async Task<IReadOnlyList<string>> AroundAsync(string folder, string program, IReadOnlyDictionary<string, string> variables)
    {
        var host = Path.GetDirectoryName(Repository.DotnetHost)!;
        var hasNamespaces = await SucceedsAsync("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt");
        string[] user = Environment.IsPrivilegedProcess
            ? ["setpriv", Id("--reuid"), Id("--regid"), "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
            : [];
        var dotnet = hasNamespaces ? "/tmp/dotnet/dotnet" : Repository.DotnetHost;
        Assert.SkipUnless(
            hasNamespaces || await SucceedsAsync([.. user, dotnet, "--list-runtimes"]),
            $"{dotnet} is in a folder that another user cannot enter, and this machine has no namespaces of mounts");
        return
        [
            .. hasNamespaces ? ["unshare", "--mount"] : Array.Empty<string>(),
            "/bin/sh", "-c", hasNamespaces ? ReadOnlyRoot : ReadOnlyFolder, "sh", folder, host,
            .. user,
            "env", "-i", $"{ChildProcesses.Variable}={Environment.GetEnvironmentVariable(ChildProcesses.Variable)}",
            .. variables.Select(variable => $"{variable.Key}={variable.Value}"),
            dotnet, program,
        ];
    }

    private static string Id(string option) => string.Create(CultureInfo.InvariantCulture, $"{option}={User}");

    private static async Task<bool> SucceedsAsync(params string[] command)
    {
        if (InstalledProgram.Find(command[0]) is null)
        {
            return false;
        }

        await using var started = Command.Start(command[0], command[1..]);
        return await started.WaitForExitAsync() == 0;
    }
}

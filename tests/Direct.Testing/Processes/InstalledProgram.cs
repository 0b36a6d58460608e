namespace Direct.Testing.Processes;

/// <summary>Finds programs that are installed on this machine.</summary>
public static class InstalledProgram
{
    // Debian installs servers in folders that are not in the PATH of an ordinary user.
    private static readonly string[] Folders = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin".Split(':');

    /// <summary>Returns the full path of the first of these programs that is installed, or null.</summary>
    public static string? Find(params string[] names) =>
        names.SelectMany(name => Folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
}

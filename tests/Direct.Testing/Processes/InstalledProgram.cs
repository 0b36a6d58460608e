namespace Direct.Testing.Processes;

/// <summary>Programs of the machine that tests start.</summary>
public static class InstalledProgram
{
    // Debian keeps servers where an ordinary user's PATH does not look.
    private static readonly string[] Folders = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin".Split(':');

    /// <summary>Returns the whole path of the first of these that is installed, or null.</summary>
    public static string? Find(params string[] names) =>
        names.SelectMany(name => Folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
}

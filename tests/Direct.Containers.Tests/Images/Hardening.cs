using Direct.Containers.Tests.Engine;

namespace Direct.Containers.Tests.Images;

/// <summary>Asserts the restrictions of our containers, from the inside.</summary>
internal static class Hardening
{
    private static readonly string[] Folders = ["bin", "usr/bin", "usr/local/bin", "sbin", "usr/sbin"];
    private static readonly string[] Unwanted = ["sh", "bash", "dash", "ash", "busybox", "env", "apt", "dpkg"];

    /// <summary>Asserts that a container has a numeric user, no capabilities and no way to gain one, a read-only root, and no shell.</summary>
    /// <param name="program">The assembly that the container runs.</param>
    public static async Task AssertAsync(ContainerEngine engine, Container container, string program)
    {
        var pid = await container.PidAsync();
        var status = (await File.ReadAllLinesAsync($"/proc/{pid}/status")).Select(line => line.Split(":\t", 2)).ToDictionary(line => line[0], line => line[^1]);
        Assert.Equal("1654\t1654\t1654\t1654", status["Uid"]);
        Assert.All(["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"], set => Assert.Equal(0UL, Convert.ToUInt64(status[set], 16)));
        Assert.Equal("1", status["NoNewPrivs"]);

        // The root of the program, through its own mounts: even root of this machine cannot write there.
        var root = $"/proc/{pid}/root";
        Assert.True(File.Exists($"{root}/app/{program}"));
        Assert.All(["/", "/app", "/etc", "/usr/bin", "/home"], folder => Assert.ThrowsAny<IOException>(() => File.WriteAllText(Path.Join(root, folder, "written"), "")));
        await File.WriteAllTextAsync($"{root}/tmp/written", "");

        Assert.All(Unwanted, name => Assert.False(Folders.Any(folder => Path.Exists($"{root}/{folder}/{name}")), $"{name} is in the image"));
        var (code, output) = await engine.TryAsync("exec", container.Name, "/bin/sh", "-c", "true");
        Assert.True(code is 126 or 127, $"a shell was started, or something else went wrong: {code}, {output}");
    }
}

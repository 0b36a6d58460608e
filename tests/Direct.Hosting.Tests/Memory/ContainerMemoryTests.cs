using Direct.Memory;

namespace Direct.Hosting.Tests.Memory;

public sealed class ContainerMemoryTests : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("direct-groups-").FullName;

    public void Dispose() => Directory.Delete(_top, recursive: true);

    [Fact]
    public void Read_Version2_IsWhatTheKernelCannotTakeBack()
    {
        Write("pods/one/memory.max", "1000");
        Write("pods/one/memory.current", "700");
        Write("pods/one/memory.stat", "anon 500\nfile 150\ninactive_file 100\nactive_file 50\nslab_reclaimable 10\nsock 40");

        var memory = ContainerMemory.Find(["0::/pods/one"], [$"30 20 0:30 / {_top} rw shared:4 - cgroup2 cgroup rw"]);

        Assert.Equal(new ContainerUse(540, 1000), memory!.Read());
    }

    [Fact]
    public void Read_Version1BesideVersion2_IsThatOfVersion1()
    {
        Write("memory/pods/one/memory.limit_in_bytes", "1000\n");
        Write("memory/pods/one/memory.usage_in_bytes", "700\n");
        Write("memory/pods/one/memory.stat", "inactive_file 7\ntotal_inactive_file 100\ntotal_active_file 50\n");

        var memory = ContainerMemory.Find(
            ["5:cpu,cpuacct:/", "4:memory:/pods/one", "0::/"],
            [$"31 20 0:31 / {_top}/unified rw - cgroup2 cgroup rw", $"30 20 0:30 / {_top}/memory rw - cgroup cgroup rw,memory"]);

        Assert.Equal(new ContainerUse(550, 1000), memory!.Read());
    }

    // Inside a container the path may name groups that only the host sees.
    [Fact]
    public void Find_MountThatBeginsAtTheOwnGroup_LooksThere()
    {
        Write("memory.max", "1000");
        Write("memory.current", "1");
        Write("memory.stat", "anon 1");

        Assert.Equal(new ContainerUse(1, 1000), ContainerMemory.Find(["0::/docker/ab"], [$"30 20 0:30 /docker/ab {_top} rw - cgroup2 cgroup rw"])?.Read());
        Assert.Equal(new ContainerUse(1, 1000), ContainerMemory.Find(["0::/docker/ab"], [$"30 20 0:30 / {_top} rw - cgroup2 cgroup rw"])?.Read());
    }

    [Theory]
    [InlineData("max")]
    [InlineData("9223372036854771712")]
    public void Find_NoLimitOfItsOwn_TakesThatOfTheGroupAround(string none)
    {
        Write("pods/one/memory.max", none);
        Write("pods/memory.max", "1000");
        Write("pods/memory.current", "10");
        Write("pods/memory.stat", "");

        Assert.Equal(new ContainerUse(10, 1000), ContainerMemory.Find(["0::/pods/one"], [$"30 20 0:30 / {_top} rw - cgroup2 cgroup rw"])?.Read());
    }

    [Fact]
    public void Find_NoLimitAtAll_IsNothing()
    {
        Write("pods/memory.max", "max");

        Assert.Null(ContainerMemory.Find(["0::/pods"], [$"30 20 0:30 / {_top} rw - cgroup2 cgroup rw"]));
        Assert.Null(ContainerMemory.Find([], []));
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_top, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}

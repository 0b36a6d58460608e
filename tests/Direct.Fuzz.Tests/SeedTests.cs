using Direct.Fuzz.Targets;

namespace Direct.Fuzz.Tests;

public sealed class SeedTests
{
    private const int AllCuts = 100_000;

    public static TheoryData<string, string> Seeds => [.. SeedFile.All.Select(static seed => (seed.Target, seed.Name))];

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Run_ASeed_AgreesWithTheReference(string target, string name)
    {
        FuzzTargets.Find(target)!.Run(SeedFile.Read(target, name), AllCuts);
    }

    // Mutates the inputs as a fuzzer does, for a short time, with the same changes in every run.
    [Theory]
    [MemberData(nameof(Targets))]
    public void Run_SeedsChangedAtRandom_AgreesWithTheReference(string target)
    {
        const int Rounds = 1_000;
        var random = new Random(13);
        var seeds = SeedFile.All.Where(seed => seed.Target == target).Select(seed => SeedFile.Read(target, seed.Name)).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var input = Changed(seeds, random);

            var error = Record.Exception(() => FuzzTargets.Find(target)!.Run(input, maxCuts: 4));

            Assert.True(error is null, $"round {round}, {Convert.ToHexString(input)}: {error}");
        }
    }

    [Fact]
    public void Seeds_OfEveryTargetAndOfNoOther_AreThere()
    {
        Assert.Equal(FuzzTargets.All.Select(target => target.Name).Order(), SeedFile.All.Select(seed => seed.Target).Distinct().Order());
    }

    [Fact]
    public void Seeds_AllTogether_AreSmall()
    {
        Assert.InRange(SeedFile.All.Sum(seed => SeedFile.Read(seed.Target, seed.Name).Length), 1, 512 * 1024);
    }

    private static byte[] Changed(byte[][] seeds, Random random)
    {
        var bytes = seeds[random.Next(seeds.Length)].ToList();
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count + 1);
            var other = seeds[random.Next(seeds.Length)];
            var start = random.Next(other.Length + 1);
            switch (random.Next(4))
            {
                case 0:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 2 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    bytes.InsertRange(at, other[start..Math.Min(start + random.Next(1, 40), other.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }
}

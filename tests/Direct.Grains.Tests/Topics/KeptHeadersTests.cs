using Direct.Grains.Topics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Direct.Grains.Tests.Topics;

public sealed class KeptHeadersTests
{
    private static readonly Guid A = Guid.NewGuid();
    private static readonly Guid B = Guid.NewGuid();

    public static TheoryData<string> Malformed => [.. MalformedBytes.Keys];

    private static Dictionary<string, byte[]?> MalformedBytes { get; } = new()
    {
        ["no bytes"] = null,
        ["only an offset"] = [1],
        ["half an id"] = [1, 1, .. new byte[8]],
        ["an id without an age"] = [1, 1, .. new byte[16]],
        ["half a publisher"] = [1, 2, .. new byte[8]],
        ["a publisher without a sequence"] = [1, 2, .. new byte[16]],
        ["a publisher that did not occur"] = [1, 4, 1],
        ["a publisher below 0"] = [1, 0xff, 0xff, 0xff, 0xff, 0x0f, 1],
        ["an offset of eleven bytes"] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0],
    };

    [Fact]
    public void Serialize_HeadersOfAllKinds_AreTheSameAfterwards()
    {
        KeptHeader[] headers =
        [
            Header(1, A, 1), Header(1, B, 900, Guid.NewGuid()), Header(2, id: Guid.NewGuid()), Header(300), Header(301, A, 2, Guid.NewGuid()) with { IdAge = 299 }, Header(302, B, 899),
            Header(LogPosition.MaxOffset, A, long.MaxValue), Header(5, A, long.MinValue), Header(-5, B, 1),
        ];
        using var services = new ServiceCollection().AddSerializer(static builder => builder.AddAssembly(typeof(KeptHeaders).Assembly)).BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer<KeptHeaders>>();

        var read = serializer.Deserialize(serializer.SerializeToArray([.. headers]))!;

        Assert.Equal(headers, read);
        Assert.Equal((headers.Length, headers[3]), (read.Count, read[3]));
    }

    [Fact]
    public void Pack_IdsOfAPublisher_TakeTwentyOneBytesEach()
    {
        const int Count = 1000;
        KeptHeaders headers = [.. Enumerable.Range(1, Count).Select(static at => Header(at, A, at, Guid.NewGuid()) with { IdAge = 299 })];

        Assert.InRange(headers.Packed.Length, 20 * Count, 22 * Count);
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Read_MalformedBytes_AreNotValid(string what)
    {
        var headers = new KeptHeaders(MalformedBytes[what]!);

        Assert.False(headers.AreValid());
        Assert.Throws<FormatException>(() => headers.Count);
    }

    [Fact]
    public void Read_AnyPrefix_IsValidOnlyBetweenTwoHeaders()
    {
        KeptHeaders headers = [Header(1, A, 1, Guid.NewGuid()), Header(2), Header(3, id: Guid.NewGuid())];

        var valid = Enumerable.Range(0, headers.Packed.Length + 1).Where(length => new KeptHeaders(headers.Packed[..length]).AreValid());

        Assert.Equal([0, 36, 38, 57], valid);
    }

    private static KeptHeader Header(long offset, Guid publisher = default, long sequence = 0, Guid id = default) => new(offset, new MessageOrigin(publisher, sequence, id));
}

using Direct.Keeping;

namespace Direct.Hosting.Tests.Keeping;

public sealed class OriginTests
{
    [Fact]
    public void HashOf_AnotherIdTargetOrText_IsAnother()
    {
        Guid[] hashes =
        [
            Origin.HashOf("a", 5, 7, 0, "text"u8),
            Origin.HashOf("b", 5, 7, 0, "text"u8),
            Origin.HashOf("a", 7, 5, 0, "text"u8),
            Origin.HashOf("a", 5, 7, 1, "text"u8),
            Origin.HashOf("a", 5, 7, 0, "Text"u8),
            Origin.HashOf("at", 5, 7, 0, "ext"u8),
            Origin.HashOf("a", 5, 7, 0, new byte[10_000]),
        ];

        Assert.Distinct(hashes);
        Assert.DoesNotContain(Guid.Empty, hashes);
        Assert.Equal(hashes[0], Origin.HashOf("a", 5, 7, 0, "text"u8));
    }
}

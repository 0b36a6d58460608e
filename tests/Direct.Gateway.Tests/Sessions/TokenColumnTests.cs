using Direct.Gateway.Sessions;

namespace Direct.Gateway.Tests.Sessions;

public sealed class TokenColumnTests
{
    private static readonly TokenColumn Text = new("latin1", "latin1_swedish_ci", IsBinary: false);
    private static readonly TokenColumn Bytes = new(null, null, IsBinary: true);
    private static readonly TokenColumn Number = new(null, null, IsBinary: false);

    [Theory]
    [InlineData("", true)]
    [InlineData("61", true)]
    [InlineData("C3BC", true)]
    [InlineData("FF", false)]
    [InlineData("C3", false)]
    [InlineData("EDA080", false)]
    public void CanHold_TokenInText_IsSoWhenItIsUtf8(string token, bool canHold)
    {
        Assert.Equal((canHold, canHold, true), (Text.CanHold(token), Number.CanHold(token), Bytes.CanHold(token)));
    }

    // The expression must not wrap the column itself, because its index could not be used then.
    [Fact]
    public void Operand_OfEachKind_IsWhatTheColumnHolds()
    {
        Assert.Equal("CONVERT(CONVERT(UNHEX(@t) USING utf8mb4) USING latin1) COLLATE latin1_swedish_ci", Text.Operand("@t"));
        Assert.Equal("UNHEX(@t)", Bytes.Operand("@t"));
        Assert.Equal("CONVERT(UNHEX(@t) USING utf8mb4)", Number.Operand("@t"));
    }
}

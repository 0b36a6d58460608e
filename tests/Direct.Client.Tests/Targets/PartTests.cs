namespace Direct.Client.Tests.Targets;

public sealed class PartTests
{
    [Theory]
    [InlineData("7,1,0")]
    [InlineData("-9223372036854775808,0,9223372036854775807")]
    public void Parse_OfAPart_GivesItsText(string text) => Assert.Equal(text, DirectPart.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("7,1")]
    [InlineData("7,1,0,0")]
    [InlineData("7, 1,0")]
    [InlineData("7,1,9223372036854775808")]
    [InlineData("7,x,0")]
    public void Parse_OfSomethingElse_NamesIt(string text) => Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => DirectPart.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("7")]
    [InlineData("7,1,0")]
    [InlineData("7,a")]
    public void Parse_OfNoRoom_NamesIt(string text) => Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => DirectRoom.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parts_OfOneField_LeaveTheOthersOpen() => Assert.Equal(
        ["0,0,0", "0,0,42", "7,0,0", "0,3,0", "7,1,0", "7,1,0"],
        [DirectPart.Everyone.ToString(), DirectPart.ForUser(42).ToString(), DirectPart.ForGroup(7).ToString(), DirectPart.ForChannel(3).ToString(), DirectPart.ForRoom(7, 1).ToString(), DirectRoom.Parse("7,1").Part.ToString()]);
}

using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Direct.Edge.Protocol;

namespace Direct.Edge.Tests.Protocol;

public sealed class CloseReasonTests
{
    private const string Document = "docs/protocol.md";

    private static readonly CloseReason[] WithCode = [.. CloseReason.All.Where(reason => reason.Code != 0)];

    [Fact]
    public void All_EveryStaticField_IsListedOnce()
    {
        var fields = typeof(CloseReason).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Where(field => field.FieldType == typeof(CloseReason))
            .Select(field => (CloseReason)field.GetValue(null)!);

        Assert.Equal(
            fields.OrderBy(reason => reason.Label, StringComparer.Ordinal),
            CloseReason.All.OrderBy(reason => reason.Label, StringComparer.Ordinal));
    }

    [Fact]
    public void Code_OfEveryReasonThatHasOne_IsUnique()
    {
        Assert.Equal(WithCode.Length, WithCode.Select(reason => reason.Code).Distinct().Count());
    }

    [Fact]
    public void Label_OfEveryReason_IsUnique()
    {
        Assert.Equal(CloseReason.All.Count, CloseReason.All.Select(reason => reason.Label).Distinct().Count());
    }

    [Fact]
    public void Label_OfEveryReason_IsInSnakeCase()
    {
        Assert.All(CloseReason.All, reason => Assert.Matches("^[a-z0-9]+(_[a-z0-9]+)*$", reason.Label));
    }

    [Fact]
    public void Text_OfEveryReason_FitsIntoACloseFrame()
    {
        Assert.All(CloseReason.All, reason => Assert.InRange(Encoding.UTF8.GetByteCount(reason.Text), 0, 123));
    }

    [Fact]
    public void Text_OfEveryReasonWithACode_SaysSomething()
    {
        Assert.All(WithCode, reason => Assert.NotEmpty(reason.Text));
    }

    [Fact]
    public void Text_OfInvalidCommand_NamesWhatWasExpected()
    {
        Assert.Contains("group,channel", CloseReason.InvalidCommand.Text, StringComparison.Ordinal);
        Assert.Contains(":text", CloseReason.InvalidCommand.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_OfEveryReason_IsOneOfTheRfcOrOfOurOwnRange()
    {
        Assert.All(
            WithCode,
            reason => Assert.True(reason.Code is 1002 or 1007 or 1008 or 1009 or 1011 or (>= 4000 and <= 4999), $"{reason}"));
    }

    [Fact]
    public void MayReconnect_OfEveryReason_FollowsTheRange()
    {
        Assert.All(CloseReason.All, reason => Assert.Equal(reason.Code >= 4000 && reason.Code < 4500, reason.MayReconnect));
    }

    [Fact]
    public void Document_TableOfCodes_IsEveryReasonInOrder()
    {
        var rows = Documents.Table(Document, "code", "label", "when", "connect again");

        Assert.Equal(
            WithCode.Select(reason => $"{reason.Code} {reason.Label} {(reason.MayReconnect ? "yes" : reason.Code >= 4500 ? "no" : "-")}"),
            rows.Select(row => $"{row[0]} {row[1]} {row[3]}"));
    }

    [Fact]
    public void Document_EveryReasonWithoutCode_IsNamed()
    {
        var text = Documents.Read(Document);

        Assert.All(CloseReason.All.Except(WithCode), reason => Assert.Contains($"`{reason.Label}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Document_EveryCodeOfOurOwnInTheText_IsInTheTable()
    {
        var codes = Regex.Matches(Documents.Read(Document), @"\b4[0-9]{3}\b")
            .Select(match => int.Parse(match.Value, CultureInfo.InvariantCulture))
            .Except([4000, 4499, 4500, 4999]);

        Assert.All(codes, code => Assert.Contains(code, WithCode.Select(reason => (int)reason.Code)));
    }
}

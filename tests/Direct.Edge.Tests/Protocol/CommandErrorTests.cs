using System.Reflection;
using Direct.Edge.Protocol;

namespace Direct.Edge.Tests.Protocol;

public sealed class CommandErrorTests
{
    [Fact]
    public void All_EveryStaticField_IsListedOnce()
    {
        var fields = typeof(CommandError).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Where(field => field.FieldType == typeof(CommandError))
            .Select(field => (CommandError)field.GetValue(null)!);

        Assert.Equal(fields.OrderBy(error => error.Code), CommandError.All.OrderBy(error => error.Code));
    }

    [Fact]
    public void CodeAndLabel_OfEveryError_AreUnique()
    {
        Assert.Equal(CommandError.All.Count, CommandError.All.Select(error => error.Code).Distinct().Count());
        Assert.Equal(CommandError.All.Count, CommandError.All.Select(error => error.Label).Distinct().Count());
    }

    [Fact]
    public void Text_OfEveryError_IsShortAscii()
    {
        Assert.All(CommandError.All, error => Assert.Matches("^[ -~]{1,123}$", error.Text));
    }

    // A code means the same whether it closes a connection or refuses a command.
    [Fact]
    public void Code_ThatClosesToo_HasTheSameLabel()
    {
        var both = CommandError.All.Join(CloseReason.All, error => error.Code, reason => reason.Code, (error, reason) => (error.Code, error.Label, reason.Label));

        Assert.All(both.Where(pair => pair.Code >= 4000), pair => Assert.Equal(pair.Item3, pair.Item2));
    }

    [Fact]
    public void Table_OfTheProtocol_IsTheCodes()
    {
        var rows = Documents.Table("docs/protocol2.md#errors", "code", "label", "text", "when");

        Assert.Equal(
            CommandError.All.Select(error => ($"{error.Code}", error.Label, error.Text)),
            rows.Select(row => (row[0], row[1], row[2])));
    }
}

using System.Reflection;
using Direct.Edge.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Tests.Diagnostics;

public sealed class EdgeEventIdsTests
{
    private const BindingFlags Any =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly (string Name, int Id)[] Ids =
        [.. typeof(EdgeEventIds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (field.Name, (int)field.GetRawConstantValue()!))];

    private static readonly (string Method, LoggerMessageAttribute Message)[] Messages =
    [
        .. from type in typeof(EdgeEventIds).Assembly.GetTypes()
           from method in type.GetMethods(Any)
           from message in method.GetCustomAttributes<LoggerMessageAttribute>()
           select ($"{type.FullName}.{method.Name}", message),
    ];

    [Fact]
    public void Constants_All_AreUnique()
    {
        Assert.Equal(Ids.Length, Ids.Select(pair => pair.Id).Distinct().Count());
    }

    [Fact]
    public void Messages_All_HaveAnIdOfTheirOwn()
    {
        var shared = Messages.GroupBy(pair => pair.Message.EventId)
            .Where(group => group.Count() > 1)
            .Select(group => string.Join(" and ", group.Select(pair => pair.Method)));

        Assert.Empty(shared);
    }

    [Fact]
    public void Messages_All_UseEveryConstantAndNothingElse()
    {
        Assert.Equal(Ids.Select(pair => pair.Id).Order(), Messages.Select(pair => pair.Message.EventId).Order());
    }

    [Theory]
    [InlineData("Direct.Edge.Connections", 1000)]
    [InlineData("Direct.Edge.Topics", 2000)]
    [InlineData("Direct.Edge.Backplane", 2000)]
    [InlineData("Direct.Edge.Identity", 3000)]
    [InlineData("Direct.Edge.Signals", 4000)]
    public void Messages_OfAnArea_LieInItsRange(string area, int first)
    {
        Assert.All(
            Messages.Where(pair => pair.Method.StartsWith(area + ".", StringComparison.Ordinal)),
            pair => Assert.InRange(pair.Message.EventId, first, first + 999));
    }

    [Fact]
    public void Messages_All_SayALevelAndAText()
    {
        Assert.All(Messages, pair => Assert.True(pair.Message.Level is not LogLevel.None && pair.Message.Message.Length > 0, pair.Method));
    }

    // Logs must not contain texts of clients or backends.
    [Fact]
    public void Messages_All_NameNeitherTokenNorText()
    {
        Assert.All(Messages, pair => Assert.DoesNotMatch("(?i){(token|text|message|payload|body)}", pair.Message.Message));
    }
}

using Direct.Testing.Http;

namespace Direct.Node.Tests.Nodes;

/// <summary>What tests say about answers again and again.</summary>
internal static class Answers
{
    /// <summary>A refusal by <c>application/problem+json</c> whose detail holds all of <paramref name="named"/>.</summary>
    public static void AssertProblem(HttpAnswer answer, int status, params string[] named)
    {
        Assert.True(answer.Status == status, $"{status} expected, got {answer}");
        Assert.StartsWith("application/problem+json", answer.Header("Content-Type"), StringComparison.Ordinal);
        using var json = System.Text.Json.JsonDocument.Parse(answer.Body);
        Assert.Equal(status, json.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(json.RootElement.GetProperty("title").GetString()!);
        Assert.NotEmpty(json.RootElement.GetProperty("type").GetString()!);
        var detail = json.RootElement.GetProperty("detail").GetString();
        Assert.All(named, name => Assert.Contains(name, detail, StringComparison.Ordinal));
    }

    /// <summary>Returns the one receipt of a 200 answer.</summary>
    public static int Delivered(HttpAnswer answer)
    {
        Assert.True(answer.Status == 200, $"200 expected, got {answer}");
        using var json = System.Text.Json.JsonDocument.Parse(answer.Body);
        return json.RootElement.GetProperty("delivered").GetInt32();
    }
}

using Direct.Testing.Http;

namespace Direct.Node.Tests.Nodes;

/// <summary>Provides assertions about HTTP responses.</summary>
internal static class Answers
{
    /// <summary>Asserts a refusal as <c>application/problem+json</c> whose detail contains all of <paramref name="named"/>.</summary>
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

    /// <summary>Returns the number of connections in the receipt of a 200 response.</summary>
    public static int Delivered(HttpAnswer answer)
    {
        Assert.True(answer.Status == 200, $"200 expected, got {answer}");
        using var json = System.Text.Json.JsonDocument.Parse(answer.Body);
        return json.RootElement.GetProperty("delivered").GetInt32();
    }
}

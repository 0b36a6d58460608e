namespace Direct.Testing.WebSockets;

/// <summary>Reads what a gateway tells a client of <c>direct.2</c>, and writes what the client sends when it comes back.</summary>
public static class Direct2Texts
{
    /// <summary>Returns whether a text is the last answer to a first message that says nothing: it tells where the topic of the user stands.</summary>
    public static bool IsLastOfFirst(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith("at 0,0,", StringComparison.Ordinal) && !text.StartsWith("at 0,0,0 ", StringComparison.Ordinal);
    }

    /// <summary>Receives texts up to the first that meets a condition, which is the last of the result.</summary>
    public static async Task<List<string>> ReceiveUntilAsync(this ProtocolClient client, Func<string, bool> isLast)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(isLast);
        var texts = new List<string>();
        do
        {
            texts.Add(await client.ReceiveTextAsync());
        }
        while (!isLast(texts[^1]));

        return texts;
    }

    /// <summary>Returns a first message that names the last position that the client was told of each topic, and joins rooms.</summary>
    public static string Resume(IEnumerable<string> told, params string[] rooms)
    {
        ArgumentNullException.ThrowIfNull(told);
        var positions = new Dictionary<string, string>();
        foreach (var words in told.Select(static text => text.Split('\n')[0].Split(' ')))
        {
            if (words is ["at" or "gap", _, _] || (words is [var part, _] && part.Contains(',', StringComparison.Ordinal)))
            {
                positions[words[^2]] = words[^1];
            }
        }

        return string.Join('\n', ["auth token", .. positions.Select(static position => $"since {position.Key} {position.Value}"), .. rooms.Select(static room => $"join {room}")]);
    }

    /// <summary>Returns the payloads of the messages.</summary>
    public static string[] Payloads(IEnumerable<string> told) =>
        [.. told.Where(static text => text.Contains('\n', StringComparison.Ordinal)).Select(static text => text.Split('\n', 2)[1])];

    /// <summary>Returns the topics of the gaps, in order.</summary>
    public static string[] Gaps(IEnumerable<string> told) =>
        [.. told.Where(static text => text.StartsWith("gap ", StringComparison.Ordinal)).Select(static text => text.Split(' ')[1]).Order(StringComparer.Ordinal)];
}

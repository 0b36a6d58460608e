using System.Net;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;

namespace Direct.Node.Tests.Access;

/// <summary>Represents a production node with a member that records what was sent. It runs without a silo, because a silo has no part in access checks.</summary>
public abstract class AccessNode(params string[] arguments)
    : TestNode(["cluster=none", "env=production", "sessions=none", "Direct:Limits:MaxConnectionsPerAddress=0", .. arguments])
{
    public const string Key = "Hk7/pXw2+Qz9=vLm4~Tn";
    public const string OtherKey = "6f1e0d9a55c84b7a9e21b0a7c4d2e1f8";

    /// <summary>Calls the signal API for a room with one member. Returns the response and whether the member received the message.</summary>
    public async Task<(HttpAnswer Answer, bool IsSent)> CallAsync(string query = "", string[]? headers = null, string from = "127.0.0.1")
    {
        var (group, channel) = (NewNumber(), NewNumber());
        await using var member = await JoinAsync(group, channel);
        var target = $"/!direct-signal?part={group},{channel},0&message=attempt{query}";

        var answer = await RawHttp.RequestFromAsync(IPAddress.Parse(from), Port, "GET", target, headers ?? []);

        await member.BroadcastAsync("end");
        return (answer, await member.ReceiveTextsUntilAsync("end") is ["attempt"]);
    }

    /// <summary>Asserts that a call is answered with a receipt and sent.</summary>
    public async Task AssertAcceptedAsync(string query = "", string[]? headers = null, string from = "127.0.0.1")
    {
        var (answer, isSent) = await CallAsync(query, headers, from);

        Assert.Equal(1, Answers.Delivered(answer));
        Assert.True(isSent, $"sent expected, got {answer}");
    }

    /// <summary>Asserts that a call is refused and not sent.</summary>
    public async Task AssertRefusedAsync(int status, string query = "", string[]? headers = null, string from = "127.0.0.1")
    {
        var (answer, isSent) = await CallAsync(query, headers, from);

        Answers.AssertProblem(answer, status);
        Assert.Equal(status == 401 ? "Bearer" : null, answer.Header("WWW-Authenticate"));
        Assert.False(isSent, $"nothing was to be sent, answered by {answer}");
    }
}

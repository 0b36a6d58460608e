using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Presence;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Presence;

public sealed class PresenceQueriesTests
{
    private static readonly ClusterAnswer Answered = new(QueryStatus.Answered, [new NamedResponse("a", new GatewayResponse(3))], []);

    private readonly ManualTimeProvider _clock = new();
    private readonly FaultyBackplane _backplane = new();
    private readonly SignalOptions _options = new();
    private int _asked;

    [Theory]
    [InlineData(QueryStatus.NotReady, ClusterQueryKind.Count)]
    [InlineData(QueryStatus.NotReady, ClusterQueryKind.Close)]
    [InlineData(QueryStatus.Lost, ClusterQueryKind.Rows)]
    public async Task Query_NotAnswered_IsAskedAgainUntilItIs(QueryStatus first, ClusterQueryKind kind)
    {
        AnswerBy(asked => asked < 4 ? new ClusterAnswer(first, [], []) : Answered);

        Assert.Equal((Answered, 4), (await RunAsync(kind), _asked));
    }

    /// <summary>Tests a close command whose response is lost. A repeat would find no connections and report 0, although the first one closed them all.</summary>
    [Fact]
    public async Task Query_AnswersToAClosingAreLost_IsNotAskedAgain()
    {
        AnswerBy(_ => ClusterAnswer.Lost);

        Assert.Equal((ClusterAnswer.Lost, 1), (await RunAsync(ClusterQueryKind.Close), _asked));
    }

    [Fact]
    public async Task Query_NeverReady_GivesUpWhenASignalWould()
    {
        AnswerBy(_ => ClusterAnswer.NotReady);
        var startedAt = _clock.GetTimestamp();

        Assert.Equal(QueryStatus.NotReady, (await RunAsync(ClusterQueryKind.Count)).Status);

        Assert.InRange(_clock.GetElapsedTime(startedAt), _options.PublishTimeout - TimeSpan.FromSeconds(1), _options.PublishTimeout);
        Assert.InRange(_asked, 5, 50);
    }

    [Fact]
    public async Task Query_CallHangs_GivesUpWhenASignalWould()
    {
        _backplane.OnQuery = static async (_, token) =>
        {
            await new TaskCompletionSource().Task.WaitAsync(token);
            return Answered;
        };
        var startedAt = _clock.GetTimestamp();

        Assert.Equal(QueryStatus.Lost, (await RunAsync(ClusterQueryKind.Count)).Status);

        Assert.InRange(_clock.GetElapsedTime(startedAt), _options.PublishTimeout, _options.PublishTimeout + TimeSpan.FromSeconds(1));
    }

    private void AnswerBy(Func<int, ClusterAnswer> answer) => _backplane.OnQuery = (_, _) => new(answer(++_asked));

    private async Task<ClusterAnswer> RunAsync(ClusterQueryKind kind)
    {
        var asking = new PresenceQueries(_backplane, Options.Create(_options), _clock).QueryAsync(new ClusterQuery(kind, default), _clock.GetTimestamp());
        while (!asking.IsCompleted)
        {
            await Deadline.UntilAsync("the query waits, or ends", () => _clock.ArmedTimers > 0 || asking.IsCompleted);
            _clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        return await asking;
    }
}

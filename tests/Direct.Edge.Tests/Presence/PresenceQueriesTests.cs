using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Presence;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Presence;

public sealed class PresenceQueriesTests
{
    private static readonly ClusterAnswer Answered = new(AskStatus.Answered, [new NamedReply("a", new GatewayResponse(3))], []);

    private readonly ManualTimeProvider _clock = new();
    private readonly FaultyBackplane _backplane = new();
    private readonly SignalOptions _options = new();
    private int _asked;

    [Theory]
    [InlineData(AskStatus.NotReady, QuestionKind.Count)]
    [InlineData(AskStatus.NotReady, QuestionKind.Close)]
    [InlineData(AskStatus.Lost, QuestionKind.Rows)]
    public async Task Ask_NotAnswered_IsAskedAgainUntilItIs(AskStatus first, QuestionKind kind)
    {
        AnswerBy(asked => asked < 4 ? new ClusterAnswer(first, [], []) : Answered);

        Assert.Equal((Answered, 4), (await RunAsync(kind), _asked));
    }

    /// <summary>Asked again, it would find nothing left to close and say 0, although it closed them all.</summary>
    [Fact]
    public async Task Ask_AnswersToAClosingAreLost_IsNotAskedAgain()
    {
        AnswerBy(_ => ClusterAnswer.Lost);

        Assert.Equal((ClusterAnswer.Lost, 1), (await RunAsync(QuestionKind.Close), _asked));
    }

    [Fact]
    public async Task Ask_NeverReady_GivesUpWhenASignalWould()
    {
        AnswerBy(_ => ClusterAnswer.NotReady);
        var startedAt = _clock.GetTimestamp();

        Assert.Equal(AskStatus.NotReady, (await RunAsync(QuestionKind.Count)).Status);

        Assert.InRange(_clock.GetElapsedTime(startedAt), _options.PlaceTimeout - TimeSpan.FromSeconds(1), _options.PlaceTimeout);
        Assert.InRange(_asked, 5, 50);
    }

    [Fact]
    public async Task Ask_CallHangs_GivesUpWhenASignalWould()
    {
        _backplane.OnAsk = static async (_, token) =>
        {
            await new TaskCompletionSource().Task.WaitAsync(token);
            return Answered;
        };
        var startedAt = _clock.GetTimestamp();

        Assert.Equal(AskStatus.Lost, (await RunAsync(QuestionKind.Count)).Status);

        Assert.InRange(_clock.GetElapsedTime(startedAt), _options.PlaceTimeout, _options.PlaceTimeout + TimeSpan.FromSeconds(1));
    }

    private void AnswerBy(Func<int, ClusterAnswer> answer) => _backplane.OnAsk = (_, _) => new(answer(++_asked));

    private async Task<ClusterAnswer> RunAsync(QuestionKind kind)
    {
        var asking = new PresenceQueries(_backplane, Options.Create(_options), _clock).QueryAsync(new ClusterQuery(kind, default), _clock.GetTimestamp());
        while (!asking.IsCompleted)
        {
            await Deadline.UntilAsync("the question waits, or ends", () => _clock.ArmedTimers > 0 || asking.IsCompleted);
            _clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        return await asking;
    }
}

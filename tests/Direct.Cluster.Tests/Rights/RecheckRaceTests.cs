using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Rights;

/// <summary>
/// Tests the promise of a recheck while everything happens at once, on two gateways: users of both dialects join, lose their right and get it back,
/// backends publish, others ask for rechecks of larger parts, and answers about rights arrive late. What is published after a recheck was answered 200 reaches no connection
/// without the right; nobody who has it misses anything, or is removed.
/// </summary>
public sealed class RecheckRaceTests(RightsCluster cluster) : IClassFixture<RightsCluster>
{
    private const int Users = 12;

    private static readonly TimeSpan RunFor = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(40);

    private readonly long _group = SharedCluster.NewNumber();
    private readonly long _channel = SharedCluster.NewNumber();
    private readonly ConcurrentDictionary<string, RaceMessage> _published = new();
    private readonly ConcurrentQueue<RaceSpell> _spells = new();
    private long _removed;
    private int _lastMessage;

    [Fact]
    public async Task Recheck_WhileJoinsAndSignalsRace_KeepsItsPromise()
    {
        cluster.Backend.LongestDelay = LongestPause / 2;
        using var end = new CancellationTokenSource(RunFor);
        var residents = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ResidentAsync(Gateways[i % 2], speaksDirect2: i < 2)));
        var joinedAt = Stopwatch.GetTimestamp();

        await Task.WhenAll(
        [
            .. Enumerable.Range(0, Users).Select(i => LiveAsync(SharedCluster.NewNumber(), speaksDirect2: i % 2 == 0, end.Token)),
            .. Gateways.Select(gateway => PublishAsync(gateway, end.Token)),
            .. Gateways.Select(gateway => RecheckAsync(gateway, end.Token)),
        ]);

        var published = _published.Values;
        await NothingMissingAsync(() => residents.SelectMany(resident => published.Where(message => message.BegunAt > joinedAt).Select(message => message.Text).Except(resident.Messages)));
        await NothingMissingAsync(() => _spells.SelectMany(spell => spell.Missing(published)));
        Assert.Empty(_spells.SelectMany(spell => spell.Violations(_published)).Take(10));
        Assert.All(residents, resident => Assert.False(resident.Removed.IsCompleted));
        var (spells, refused) = (_spells.Count, _spells.Count(static spell => spell.WasRefused));
        var happened = $"{spells} times a right was lost, {_removed} members removed, {refused} joins refused, {published.Count} messages";
        TestContext.Current.TestOutputHelper?.WriteLine(happened);
        Assert.True(spells > 5 * Users && _removed > Users && refused > Users && published.Count > 100, $"too little to prove anything: {happened}");
        await Task.WhenAll(_spells.SelectMany(spell => (RoomMember[])[spell.Member, spell.Late]).Concat(residents).Distinct().Select(member => member.DisposeAsync().AsTask()));
    }

    private GatewayHost[] Gateways => [cluster.A, cluster.B];

    private GatewayHost AnyGateway => Gateways[Random.Shared.Next(2)];

    private static Task PauseAsync() => Task.Delay(LongestPause * Random.Shared.NextDouble());

    private static Task NothingMissingAsync(Func<IEnumerable<string>> missing) =>
        Deadline.UntilAsync("nothing is missing", () => !missing().Any(), TimeSpan.FromSeconds(5), () => string.Join(", ", missing().Take(10)));

    private async Task<RoomMember> ResidentAsync(GatewayHost gateway, bool speaksDirect2)
    {
        var user = SharedCluster.NewNumber();
        cluster.Backend.Set(user, _group, _channel, 1);
        return await RoomMember.JoinAsync(gateway, user, speaksDirect2, _group, _channel);
    }

    // One user, again and again. The backend waits for the recheck after it has taken a right, as it has to. In direct.2 a connection stays and joins again.
    private async Task LiveAsync(long user, bool speaksDirect2, CancellationToken end)
    {
        RoomMember? member = null;
        while (!end.IsCancellationRequested)
        {
            cluster.Backend.Set(user, _group, _channel, 1);
            member = speaksDirect2 && member is not null ? member : await RoomMember.ConnectAsync(AnyGateway, user, speaksDirect2);
            Assert.True(await member.TryJoinAsync(_group, _channel), $"user {user} has the right, and was refused");
            var spell = new RaceSpell
            {
                User = user.ToString(CultureInfo.InvariantCulture),
                Member = member,
                Late = await RoomMember.ConnectAsync(AnyGateway, user, speaksDirect2),
                JoinedAt = Stopwatch.GetTimestamp(),
            };
            await PauseAsync();

            var joining = spell.Late.TryJoinAsync(_group, _channel);
            spell.TakenAt = Stopwatch.GetTimestamp();
            cluster.Backend.Set(user, _group, _channel, 0);
            Interlocked.Add(ref _removed, (await RightsCluster.RecheckAsync(AnyGateway, Part(user))).Removed);
            spell.RecheckedAt = Stopwatch.GetTimestamp();

            await PauseAsync();
            spell.WasRefused = !await joining; // awaited, so that it is not admitted with the right that is given back
            spell.GivenAt = Stopwatch.GetTimestamp();
            _spells.Enqueue(spell);
        }
    }

    private string Part(long user) => Random.Shared.Next(3) switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{_group},{_channel},{user}"),
        1 => string.Create(CultureInfo.InvariantCulture, $"0,0,{user}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{_group},0,0"),
    };

    private async Task PublishAsync(GatewayHost gateway, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"m{Interlocked.Increment(ref _lastMessage)}");
            var begunAt = Stopwatch.GetTimestamp();
            if ((await gateway.SignalAsync(string.Create(CultureInfo.InvariantCulture, $"{_group},{_channel},0"), text)).Status is HttpStatusCode.OK)
            {
                _published[text] = new RaceMessage(text, begunAt, Stopwatch.GetTimestamp());
            }
        }
    }

    // Rechecks of others, which may have asked before a right changed and be answered after.
    private static async Task RecheckAsync(GatewayHost gateway, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await RightsCluster.RecheckAsync(gateway, "0,0,0");
            await PauseAsync();
        }
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Topics;

/// <summary>
/// Tests the topic log with several threads that publish while others join and leave. Every member records the messages that it received, and the
/// progress of the publishers around its join and its leave. One witness is a member throughout, so its record is the order of the log. At the end
/// the test checks that each message reached exactly those who were members at its position.
/// </summary>
public sealed class TopicLogModelTests : IDisposable
{
    private const int Publishers = 3;
    private const int Joiners = 3;
    private const int Messages = 1_500;

    private readonly TestMeters _meters = new();
    private readonly GatewayMetrics _metrics;

    public TopicLogModelTests() => _metrics = new GatewayMetrics(_meters);

    public void Dispose()
    {
        _metrics.Dispose();
        _meters.Dispose();
    }

    // Short messages leave the drainer idle often, long ones fill up batches, and a slow member causes a backlog.
    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 20)]
    [InlineData(3, 3_000, 0)]
    [InlineData(4, 3_000, 200)]
    [InlineData(5, 70_000, 50)]
    public async Task Publish_WhileOthersJoinAndLeave_ReachesExactlyTheMembersAtItsPlace(int seed, int maxPadding, int slowness)
    {
        var run = new Run(_metrics, seed, maxPadding, slowness);

        await run.PerformAsync();

        run.CheckCounts();
        run.CheckOrder();
        run.CheckMemberships();
    }

    private readonly record struct Message(int Publisher, int Number);

    /// <summary>Represents the progress of every publisher at one moment.</summary>
    private sealed class Progress
    {
        public int[] Started { get; } = new int[Publishers];

        public int[] Finished { get; } = new int[Publishers];

        public int[] StartedNow() => [.. Enumerable.Range(0, Publishers).Select(i => Volatile.Read(ref Started[i]))];

        public int[] FinishedNow() => [.. Enumerable.Range(0, Publishers).Select(i => Volatile.Read(ref Finished[i]))];
    }

    private sealed class Member(int slowness) : IRecipient
    {
        private int _sends;
        private int _debts;
        private int _payments;

        public long UserId => 0;

        public long GroupId => 5;

        public long ChannelId => 7;

        public List<Message> Received { get; } = [];

        /// <summary>Gets or sets the messages that certainly were published before the join; <see cref="StartedAfterJoin"/> has the most that were after it.</summary>
        public int[] FinishedBeforeJoin { get; set; } = [];

        public int[] StartedAfterJoin { get; set; } = [];

        /// <summary>Gets or sets the messages that certainly were published before the leave; <see cref="StartedAfterLeave"/> has the most that were after it.</summary>
        public int[] FinishedBeforeLeave { get; set; } = [];

        public int[] StartedAfterLeave { get; set; } = [];

        public int Count => Volatile.Read(ref _sends);

        /// <summary>Gets whether every pending flush has been released.</summary>
        public bool IsSettled => Volatile.Read(ref _debts) == Volatile.Read(ref _payments);

        /// <summary>Gets the number of messages that arrived after a pending flush had been released.</summary>
        public int SentAfterPayment { get; private set; }

        public void AddPendingFlush() => Interlocked.Increment(ref _debts);

        public void ReleasePendingFlush() => Interlocked.Increment(ref _payments);

        // Only the one drainer calls this.
        public EnqueueResult Send(ReadOnlySpan<byte> frames)
        {
            while (!frames.IsEmpty)
            {
                var (header, length) = frames[1] switch
                {
                    126 => (4, BinaryPrimitives.ReadUInt16BigEndian(frames[2..])),
                    127 => (10, (int)BinaryPrimitives.ReadUInt64BigEndian(frames[2..])),
                    var small => (2, small),
                };
                var numbers = Encoding.ASCII.GetString(frames.Slice(header, 9));
                Received.Add(new Message(numbers[0] - '0', int.Parse(numbers.AsSpan(1), CultureInfo.InvariantCulture)));
                frames = frames[(header + length)..];
            }

            SentAfterPayment += Volatile.Read(ref _payments);
            Thread.SpinWait(slowness);
            Volatile.Write(ref _sends, Received.Count);
            return EnqueueResult.Queued;
        }
    }

    private sealed class Run(GatewayMetrics metrics, int seed, int maxPadding, int slowness)
    {
        private readonly TopicLog _log = new(Topic.Room(5, 7), new TopicLogSettings(int.MaxValue, MayRetire: true, _ => { }, metrics, new NodeGate()));
        private readonly Member _witness = new(slowness);
        private readonly Progress _progress = new();
        private readonly int[][] _counts = [.. Enumerable.Range(0, Publishers).Select(_ => new int[Messages + 1])];
        private readonly List<Member>[] _memberships = [.. Enumerable.Range(0, Joiners).Select(_ => new List<Member>())];
        private int _publishing = Publishers;

        private IEnumerable<Member> Everyone => _memberships.SelectMany(own => own).Prepend(_witness);

        public async Task PerformAsync()
        {
            _log.TryJoin(new Membership(_witness));

            await Threads.RunAsync(Publishers + Joiners, thread =>
            {
                if (thread < Publishers)
                {
                    Publish(thread);
                }
                else
                {
                    ComeAndGo(thread - Publishers);
                }
            });

            var expected = _counts.Sum(counts => counts.Sum());
            await Deadline.UntilAsync(
                $"seed {seed}: {expected} deliveries and every pending flush released",
                () => Everyone.Sum(member => member.Count) >= expected && Everyone.All(member => member.IsSettled),
                actual: () => $"{Everyone.Sum(member => member.Count)}, {Everyone.Count(member => !member.IsSettled)} unpaid");
        }

        /// <summary>Checks that the count that a publish returned is the number of members that received the message.</summary>
        public void CheckCounts()
        {
            var reached = Everyone.SelectMany(member => member.Received).CountBy(message => message).ToDictionary();
            foreach (var publisher in Enumerable.Range(0, Publishers))
            {
                for (var number = 1; number <= Messages; number++)
                {
                    var actual = reached.GetValueOrDefault(new Message(publisher, number));

                    Assert.True(
                        _counts[publisher][number] == actual,
                        $"seed {seed}: message {publisher}:{number} was for {_counts[publisher][number]}, reached {actual}");
                }
            }
        }

        /// <summary>Checks that the witness has every message once, with the messages of each publisher in order.</summary>
        public void CheckOrder()
        {
            foreach (var publisher in Enumerable.Range(0, Publishers))
            {
                Assert.Equal(
                    Enumerable.Range(1, Messages),
                    _witness.Received.Where(message => message.Publisher == publisher).Select(message => message.Number));
            }
        }

        /// <summary>Checks that every member received one contiguous part of the witness's record, from its join to its leave.</summary>
        public void CheckMemberships()
        {
            var places = _witness.Received.Select((message, place) => (message, place)).ToDictionary(pair => pair.message, pair => pair.place);
            foreach (var member in _memberships.SelectMany(own => own))
            {
                if (member.Received.Count > 0)
                {
                    Assert.Equal(_witness.Received.Slice(places[member.Received[0]], member.Received.Count), member.Received);
                }

                Assert.Equal(0, member.SentAfterPayment);
                for (var publisher = 0; publisher < Publishers; publisher++)
                {
                    Check(member, publisher);
                }
            }
        }

        // The part is contiguous, so the two ends of each publisher are sufficient.
        private void Check(Member member, int publisher)
        {
            var numbers = member.Received.Where(message => message.Publisher == publisher).Select(message => message.Number).DefaultIfEmpty().ToArray();
            var (first, last) = (numbers[0], numbers[^1]);
            var (owedAfter, owedTo) = (member.StartedAfterJoin[publisher], member.FinishedBeforeLeave[publisher]);

            Assert.True(
                last == 0 || first > member.FinishedBeforeJoin[publisher],
                $"seed {seed}: {publisher}:{first} was said before it joined");
            Assert.True(last <= member.StartedAfterLeave[publisher], $"seed {seed}: {publisher}:{last} was said after it left");
            Assert.True(
                owedAfter >= owedTo || (first <= owedAfter + 1 && last >= owedTo),
                $"seed {seed}: {publisher}:{owedAfter + 1} to {owedTo} were said while it was in, {first} to {last} came");
        }

        private void Publish(int publisher)
        {
            var random = new Random((seed * 100) + publisher);
            for (var number = 1; number <= Messages; number++)
            {
                var padding = maxPadding == 0 || random.Next(0, 10) > 0 ? 0 : random.Next(maxPadding);
                var payload = Encoding.ASCII.GetBytes($"{publisher}{number:d8}{new string('x', padding)}");
                Volatile.Write(ref _progress.Started[publisher], number);
                _counts[publisher][number] = _log.Publish(payload);
                Volatile.Write(ref _progress.Finished[publisher], number);

                // Pauses from time to time so that the drainer can finish, and joins and leaves also occur in an idle log.
                if (random.Next(0, 20) == 0)
                {
                    Thread.SpinWait(random.Next(0, 20_000));
                }
            }

            Interlocked.Decrement(ref _publishing);
        }

        private void ComeAndGo(int joiner)
        {
            var random = new Random((seed * 100) + 50 + joiner);
            var present = new List<(Membership Membership, Member Member)>();
            while (Volatile.Read(ref _publishing) > 0)
            {
                if (present.Count < random.Next(0, 8))
                {
                    var member = new Member(0) { FinishedBeforeJoin = _progress.FinishedNow() };
                    var membership = new Membership(member);
                    Assert.True(_log.TryJoin(membership));
                    member.StartedAfterJoin = _progress.StartedNow();
                    present.Add((membership, member));
                    _memberships[joiner].Add(member);
                }
                else if (present.Count > 0)
                {
                    Leave(present, random.Next(present.Count));
                }

                Thread.SpinWait(random.Next(0, 3_000));
            }

            while (present.Count > 0)
            {
                Leave(present, present.Count - 1);
            }
        }

        private void Leave(List<(Membership Membership, Member Member)> present, int index)
        {
            var (membership, member) = present[index];
            present.RemoveAt(index);
            member.FinishedBeforeLeave = _progress.FinishedNow();
            _log.Leave(membership);
            member.StartedAfterLeave = _progress.StartedNow();
        }
    }
}

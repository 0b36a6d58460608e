using System.Text;
using Direct.Telemetry.Logging;
using Direct.Testing.Time;

namespace Direct.Hosting.Tests.Telemetry;

public sealed class LogQueueTests : IDisposable
{
    private readonly Pipe _pipe = new();
    private readonly LogQueue _queue;
    private long _gap;

    public LogQueueTests() => _queue = new LogQueue(_pipe, maxWaitingChars: 100) { GapEnded = dropped => Interlocked.Add(ref _gap, dropped) };

    public void Dispose() => _pipe.Open();

    [Fact]
    public async Task Add_WhatIsRead_ArrivesInOrder()
    {
        _pipe.Open();

        _queue.Add("one ");
        _queue.Add("two");

        await UntilTextAsync("one two");
        Assert.Equal(0, _queue.Dropped);
    }

    [Fact]
    public async Task Add_WhatDoesNotFit_IsDroppedWithAllThatFollowsUntilTheRestIsRead()
    {
        _queue.Add(new string('a', 60));
        _queue.Add(new string('b', 60)); // does not fit into the queue
        _queue.Add("c"); // would fit, but a line is already missing
        Assert.Equal((2L, 0L), (_queue.Dropped, Interlocked.Read(ref _gap)));

        _pipe.Open();
        await Deadline.UntilAsync("the end of the gap", () => Interlocked.Read(ref _gap) > 0);
        _queue.Add("d");

        await UntilTextAsync(new string('a', 60) + "d");
        Assert.Equal((2L, 2L), (_queue.Dropped, Interlocked.Read(ref _gap)));
    }

    [Fact]
    public async Task Add_ToAFullDisk_IsDroppedAndLaterOnesAreTried()
    {
        _pipe.Open();
        _pipe.IsFull = true;
        _queue.Add("a");
        await Deadline.UntilAsync("one dropped", () => _queue.Dropped == 1);

        _pipe.IsFull = false;
        _queue.Add("b");

        await UntilTextAsync("b");
    }

    [Fact]
    public async Task Drain_WhileNobodyReads_EndsAtItsLimit()
    {
        _queue.Add("a");

        await Task.Run(() => _queue.Drain(TimeSpan.FromMilliseconds(50)), TestContext.Current.CancellationToken).WaitAsync(Deadline.Default, TestContext.Current.CancellationToken);

        Assert.Equal("", _pipe.Text);
    }

    [Fact]
    public void Drain_WhileSomebodyReads_ReturnsWhenAllIsWritten()
    {
        _queue.Add("a");
        _pipe.Open();

        _queue.Drain(Deadline.Default);

        Assert.Equal("a", _pipe.Text);
    }

    private Task UntilTextAsync(string text) => Deadline.UntilAsync("the text", () => _pipe.Text == text, actual: () => _pipe.Text);

    // Implements a writer that blocks until the test opens it, as a full pipe does.
    private sealed class Pipe : TextWriter
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile string _text = "";
        private volatile bool _isFull;

        public override Encoding Encoding => Encoding.UTF8;

        public string Text => _text;

        public bool IsFull
        {
            get => _isFull;
            set => _isFull = value;
        }

        public void Open() => _open.TrySetResult();

        public override void Write(string? value)
        {
#pragma warning disable xUnit1031 // This blocks the thread of the queue on purpose, not that of a test.
            _open.Task.Wait();
#pragma warning restore xUnit1031
            _text = IsFull ? throw new IOException("No space left on device") : _text + value;
        }
    }
}

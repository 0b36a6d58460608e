using System.Reflection;
using Direct.Edge.Connections;

namespace Direct.Edge.Tests.Connections;

public sealed class OutboundQueueTests
{
    [Fact]
    public void AppendAndAdvance_AtRandom_BehaveAsAQueueOfBytes()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var queue = default(OutboundQueue);
            var model = new Queue<byte>();
            for (var step = 0; step < 300; step++)
            {
                // Some seeds mostly append and some mostly remove. The pieces are of a few bytes or of several buffers.
                if (random.Next(0, 100) < 30 + (2 * seed))
                {
                    var bytes = new byte[random.Next(1, random.Next(0, 4) == 0 ? 5_000 : 200)];
                    random.NextBytes(bytes);
                    queue.Append(bytes);
                    Array.ForEach(bytes, model.Enqueue);
                }
                else
                {
                    var count = random.Next(0, 5) == 0 ? model.Count : random.Next(0, Math.Min(model.Count, 3_000) + 1);
                    queue.Advance(count);
                    for (var i = 0; i < count; i++)
                    {
                        model.Dequeue();
                    }
                }

                Assert.True(
                    queue.Waiting.SequenceEqual(model.ToArray()),
                    $"seed {seed}, step {step}: {queue.Length} bytes, expected {model.Count}");
                Assert.True(
                    queue.IsEmpty == (model.Count == 0),
                    $"seed {seed}, step {step}: IsEmpty {queue.IsEmpty} with {model.Count} bytes");
            }

            queue.Clear();
        }
    }

    [Fact]
    public void Advance_PastTheLastByte_GivesTheBufferBack()
    {
        var queue = default(OutboundQueue);
        queue.Append(new byte[3000]);
        queue.Advance(1000);

        queue.Advance(2000);

        Assert.Null(BufferOf(queue));
    }

    [Fact]
    public void Clear_FullQueue_GivesTheBufferBack()
    {
        var queue = default(OutboundQueue);
        queue.Append(new byte[3000]);

        queue.Clear();

        Assert.Equal((true, null), (queue.IsEmpty, BufferOf(queue)));
    }

    // Otherwise a queue that drains as fast as it fills, and is never empty, would grow without limit.
    [Fact]
    public void Append_NeverMuchAndNeverEmpty_DoesNotGrow()
    {
        var queue = default(OutboundQueue);
        queue.Append(new byte[100]);

        for (var i = 0; i < 10_000; i++)
        {
            queue.Append(new byte[100]);
            queue.Advance(100);
        }

        Assert.InRange(BufferOf(queue)!.Length, 200, 4096);
        queue.Clear();
    }

    private static byte[]? BufferOf(OutboundQueue queue) =>
        (byte[]?)typeof(OutboundQueue).GetField("_buffer", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(queue);
}

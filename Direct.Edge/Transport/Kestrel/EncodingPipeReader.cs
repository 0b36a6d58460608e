using System.IO.Pipelines;

namespace Direct.Edge.Transport.Kestrel;

/// <summary>Reads the input of an HTTP connection, with its request lines encoded by a <see cref="RequestTargetEncoder"/>.</summary>
/// <param name="input">The unchanged input of the connection.</param>
/// <param name="onReset">Called when reading fails, because the client has reset the connection.</param>
internal sealed class EncodingPipeReader(PipeReader input, Action onReset) : PipeReader
{
    // This pipe never waits for its reader, because it is filled only when the reader has examined everything.
    private readonly Pipe _encoded = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));

    private readonly RequestTargetEncoder _encoder = new();

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ReadResult encoded;
        while (!_encoded.Reader.TryRead(out encoded))
        {
            try
            {
                Encode(await input.ReadAsync(cancellationToken));
            }
            catch (IOException)
            {
                onReset();
                throw;
            }
        }

        return encoded;
    }

    public override bool TryRead(out ReadResult result)
    {
        while (!_encoded.Reader.TryRead(out result))
        {
            if (!input.TryRead(out var read))
            {
                return false;
            }

            Encode(read);
        }

        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => _encoded.Reader.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _encoded.Reader.AdvanceTo(consumed, examined);

    // In this order: the reader that the second call wakes must see the first one.
    public override void CancelPendingRead()
    {
        _encoded.Reader.CancelPendingRead();
        input.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null)
    {
        _encoded.Reader.Complete(exception);
        input.Complete(exception);
    }

    private void Encode(ReadResult read)
    {
        foreach (var segment in read.Buffer)
        {
            _encoder.Write(segment.Span, _encoded.Writer);
        }

        input.AdvanceTo(read.Buffer.End);
        if (read.IsCompleted)
        {
            _encoded.Writer.Complete();
        }
        else
        {
            _ = _encoded.Writer.FlushAsync().AsTask(); // complete already: without a threshold it never waits
        }
    }
}

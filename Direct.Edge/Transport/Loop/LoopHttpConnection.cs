using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Carries one TCP connection for Kestrel on a loop. Input goes into a pipe that Kestrel reads, and Kestrel processes it within that call. An answer
/// is sent on the thread that writes it. A signal therefore needs no switch to another thread.
/// </summary>
internal sealed class LoopHttpConnection : ConnectionContext, ILoopSocket, IConnectionIdFeature, IConnectionTransportFeature,
    IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature
{
    private readonly TcpSocket _socket;
    private readonly LoopTransport _transport;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly RequestTargetEncoder _encoder = new();
    private readonly CancellationTokenSource _closed = new(); // holds nothing that must be disposed
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Used by the loop's thread.
    private Task? _pending; // Kestrel has enough input
    private Task? _sending;

    // A sender sets it before its last try.
    private volatile TaskCompletionSource? _spaceAvailable;

    public LoopHttpConnection(TcpSocket socket, LoopTransport transport, IPEndPoint peer)
    {
        (_socket, _transport) = (socket, transport);
        (LocalEndPoint, RemoteEndPoint) = (socket.LocalAddress(), peer);
        ConnectionId = transport.NewHttpConnectionId();
        ConnectionClosed = _closed.Token;
        _input = new Pipe(transport.InputPipe);
        _output = new Pipe(transport.OutputPipe);
        Transport = new DuplexPipe(_input.Reader, _output.Writer);
        Features = new FeatureCollection();
        Features.Set<IConnectionIdFeature>(this);
        Features.Set<IConnectionTransportFeature>(this);
        Features.Set<IConnectionItemsFeature>(this);
        Features.Set<IConnectionLifetimeFeature>(this);
        Features.Set<IConnectionEndPointFeature>(this);
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    /// <summary>Begins when Kestrel has accepted the connection. Input may have arrived already.</summary>
    public void Start()
    {
        _sending = SendAsync();
        _sending.GetAwaiter().UnsafeOnCompleted(() => _socket.Loop.Post(this));
        _socket.BeginReading();
        Read();
    }

    public void OnEvents(uint events)
    {
        if ((events & Libc.EpollOut) != 0)
        {
            _spaceAvailable?.TrySetResult();
        }

        if (_socket.IsInput(events))
        {
            Read();
        }
    }

    /// <summary>Runs when Kestrel wants more input, when other sockets have been served, or when both directions have ended.</summary>
    public void OnPosted()
    {
        if (_pending is { IsCompleted: true })
        {
            _pending = null;
        }

        Read();
        if (_socket.State is TcpSocketState.Ending && _sending!.IsCompleted)
        {
            Close();
        }
    }

    public void OnError(Exception exception)
    {
        _transport.Failed(exception);
        EndInput(exception);
        Abort();
    }

    public override void Abort(ConnectionAbortedException abortReason) => Abort();

    public override void Abort()
    {
        _socket.Reset(Libc.ShutdownBoth);
        _output.Reader.CancelPendingRead();
        _spaceAvailable?.TrySetResult();
    }

    /// <summary>Closes the connection when Kestrel has finished with it. Completes when the descriptor is closed.</summary>
    public override async ValueTask DisposeAsync()
    {
        await _input.Reader.CompleteAsync();
        await _output.Writer.CompleteAsync();
        await _ended.Task;
        await base.DisposeAsync();
    }

    private void Read()
    {
        for (var reads = 0; _pending is null && _socket.MayRead(reads, this); reads++)
        {
            ReadOnce();
        }
    }

    private void ReadOnce()
    {
        var input = _socket.Loop.Input;
        var count = _socket.Read(input);
        if (count > 0)
        {
            Hand(input[..count]);
        }
        else if (count != InputEdge.None)
        {
            EndInput(count == InputEdge.Ended ? null : new ConnectionResetException("The client has reset the connection."));
        }
    }

    private void Hand(ReadOnlySpan<byte> input)
    {
        _encoder.Write(input, _input.Writer);
        var handing = _input.Writer.FlushAsync();
        if (!handing.IsCompleted)
        {
            _pending = handing.AsTask();
            _pending.GetAwaiter().UnsafeOnCompleted(() => _socket.Loop.Post(this));
        }
        else if (handing.Result.IsCompleted)
        {
            EndInput(null); // there is no reader any more
        }
    }

    private void EndInput(Exception? exception)
    {
        if (_socket.State is not TcpSocketState.Open)
        {
            return;
        }

        _socket.EndReading();
        _input.Writer.Complete(exception);
        if (exception is not null)
        {
            ReportClosed(); // not for a client that has only closed its sending side: it may wait for its answer
        }

        if (_sending!.IsCompleted)
        {
            _socket.Loop.PostAgain(this);
        }
    }

    private async Task SendAsync()
    {
        try
        {
            ReadResult result;
            do
            {
                result = await _output.Reader.ReadAsync();
                foreach (var segment in result.Buffer)
                {
                    await SendAsync(segment);
                }

                _output.Reader.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted && !result.IsCanceled);
        }
#pragma warning disable CA1031 // Any error that ends the output ends the connection; Kestrel has logged its own errors already.
        catch (Exception)
#pragma warning restore CA1031
        {
            _input.Writer.CancelPendingFlush();
        }
        finally
        {
            await _output.Reader.CompleteAsync();
            _socket.Shutdown(); // it is closed only after this
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = _socket.Send(bytes.Span);
            if (count >= 0)
            {
                bytes = bytes[count..];
            }
            else if (!Libc.HasFailedForNow())
            {
                throw new IOException();
            }
            else if (_spaceAvailable is null or { Task.IsCompleted: true })
            {
                _spaceAvailable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); // and tries once more, because room that became free before this was not reported
            }
            else
            {
                await _spaceAvailable.Task;
            }
        }

        _spaceAvailable = null;
    }

    private void Close()
    {
        _socket.Close();
        ReportClosed();
        _ended.SetResult();
    }

    private void ReportClosed() => ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);
}

using System.Net;
using System.Net.Sockets;
using Direct.Edge.Transport.Loop;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Transport.Loop;

/// <summary>Provides a separate loop and pairs of connected sockets for it.</summary>
internal sealed class LoopFixture : IDisposable
{
    private readonly List<Socket> _sockets = [];

    public LoopFixture()
    {
        LinuxOnly.SkipElsewhere();
        Loop = new EventLoop("test loop", 64 * 1024);
    }

    public EventLoop Loop { get; }

    /// <summary>Returns both ends of a TCP connection: a non-blocking one that a loop watches, and its peer.</summary>
    public (Socket Watched, Socket Peer) Pair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(peer);
        peer.Connect(listener.LocalEndPoint!);
        var watched = listener.Accept();
        watched.Blocking = false;
        _sockets.Add(watched);
        return (watched, peer);
    }

    /// <summary>Runs work on the loop's thread and waits for it. Its exceptions reach the caller.</summary>
    public Task<T> OnLoopAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(new ActingSocket
        {
            Posted = () =>
            {
                try
                {
                    done.TrySetResult(work());
                }
#pragma warning disable CA1031 // The exception reaches the caller through the task.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    done.TrySetException(exception);
                }
            },
        });
        return Deadline.RunAsync("a slice on the loop", token => new ValueTask<T>(done.Task.WaitAsync(token)));
    }

    /// <summary>Watches a socket for input, edge-triggered.</summary>
    public Task<ulong> WatchAsync(
        Socket socket, ILoopSocket owner, uint events = Libc.EpollIn | Libc.EpollEdgeTriggered) => OnLoopAsync(() =>
        Loop.TryAdd((int)socket.Handle, events, owner, out var token) ? token : throw new IOException("the kernel would not"));

    /// <summary>
    /// Keeps the loop busy while <paramref name="meanwhile"/> runs, so that the loop sees all its effects at the next check, in the order in which
    /// they happened.
    /// </summary>
    public async Task WhileBusyAsync(Action meanwhile)
    {
        using var isBusy = new SemaphoreSlim(0);
        using var goOn = new ManualResetEventSlim();
        var busy = OnLoopAsync(() =>
        {
            isBusy.Release();
            return goOn.Wait(Deadline.Default);
        });
        Assert.True(await isBusy.WaitAsync(Deadline.Default), "the loop never came");
        try
        {
            meanwhile();
        }
        finally
        {
            goOn.Set();
            await busy;
        }
    }

    public void Dispose()
    {
        Loop.Dispose();
        _sockets.ForEach(socket => socket.Dispose());
    }
}

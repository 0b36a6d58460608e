using Direct.Testing.Time;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Blocks threads until the test opens the gate, and notifies the test when a thread has arrived.</summary>
internal sealed class Gate : IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Blocks the calling thread, which is that of the code under test, until the gate is open.</summary>
    public void Pass()
    {
        _reached.TrySetResult();
        Assert.True(_open.Wait(Deadline.Default), "a gate that the test never opened");
    }

    /// <summary>Waits until a thread has arrived at the gate.</summary>
    public Task ReachedAsync(string phase) => Deadline.RunAsync(phase, token => new ValueTask(_reached.Task.WaitAsync(token)));

    public void Open() => _open.Set();

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
    }
}

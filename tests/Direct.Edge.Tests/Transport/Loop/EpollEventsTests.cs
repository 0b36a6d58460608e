using Direct.Edge.Transport.Loop;

namespace Direct.Edge.Tests.Transport.Loop;

/// <summary>Tests the event structure of epoll with real events. The kernel packs it on one architecture and aligns it on the others.</summary>
public sealed unsafe class EpollEventsTests : IDisposable
{
    private readonly int _epoll;
    private readonly int[] _descriptors;

    public EpollEventsTests()
    {
        LinuxOnly.SkipElsewhere();
        _epoll = Libc.EpollCreate(Libc.CloseOnExec);
        _descriptors = [.. Enumerable.Range(0, 3).Select(_ => Libc.EventDescriptor(0, Libc.CloseOnExec | Libc.NonBlocking))];
        Assert.All([_epoll, .. _descriptors], descriptor => Assert.True(descriptor >= 0));
    }

    public void Dispose()
    {
        Array.ForEach([_epoll, .. _descriptors ?? []], descriptor => Libc.Close(descriptor));
    }

    [Fact]
    public void Wait_SeveralHappened_TellsEachWithItsWholeNumber()
    {
        ulong[] tokens = [0x0123456789ABCDEF, ulong.MaxValue, 0];
        using var events = new EpollEvents(8);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(EpollEvents.TryAdd(_epoll, _descriptors[i], Libc.EpollIn | Libc.EpollEdgeTriggered, tokens[i]));
            Write(_descriptors[i]);
        }

        var count = events.Wait(_epoll, 0);

        Assert.Equal(3, count);
        Assert.Equal(tokens.Order(), Enumerable.Range(0, 3).Select(i => events[i].Token).Order());
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal((uint)Libc.EpollIn, events[i].Events));
    }

    [Fact]
    public void Wait_MoreHappenedThanThereIsRoomFor_TellsTheRestNextTime()
    {
        using var events = new EpollEvents(2);
        for (var i = 0; i < 3; i++)
        {
            EpollEvents.TryAdd(_epoll, _descriptors[i], Libc.EpollIn | Libc.EpollEdgeTriggered, (ulong)i);
            Write(_descriptors[i]);
        }

        Assert.Equal(2, events.Wait(_epoll, 0));
        Assert.Equal(1, events.Wait(_epoll, 0));
        Assert.Equal(0, events.Wait(_epoll, 0));
    }

    [Fact]
    public void TryModify_OfAKnownOne_ChangesEventsAndNumber()
    {
        using var events = new EpollEvents(2);
        EpollEvents.TryAdd(_epoll, _descriptors[0], 0, 1);
        Write(_descriptors[0]);
        Assert.Equal(0, events.Wait(_epoll, 0));

        Assert.True(EpollEvents.TryModify(_epoll, _descriptors[0], Libc.EpollIn, 2));

        Assert.Equal(1, events.Wait(_epoll, 0));
        Assert.Equal(((uint)Libc.EpollIn, 2UL), events[0]);
    }

    [Fact]
    public void Remove_OfAKnownOne_ForgetsIt()
    {
        using var events = new EpollEvents(2);
        EpollEvents.TryAdd(_epoll, _descriptors[0], Libc.EpollIn, 1);
        Write(_descriptors[0]);

        EpollEvents.Remove(_epoll, _descriptors[0]);

        Assert.Equal(0, events.Wait(_epoll, 0));
        Assert.False(EpollEvents.TryModify(_epoll, _descriptors[0], Libc.EpollIn, 1));
    }

    [Fact]
    public void TryAdd_OfNoDescriptorOrTwice_IsFalse()
    {
        Assert.False(EpollEvents.TryAdd(_epoll, -1, Libc.EpollIn, 1));
        Assert.True(EpollEvents.TryAdd(_epoll, _descriptors[0], Libc.EpollIn, 1));
        Assert.False(EpollEvents.TryAdd(_epoll, _descriptors[0], Libc.EpollIn, 1));
    }

    private static void Write(int descriptor)
    {
        var one = 1UL;
        Assert.Equal(sizeof(ulong), Libc.Write(descriptor, (byte*)&one, sizeof(ulong)));
    }
}

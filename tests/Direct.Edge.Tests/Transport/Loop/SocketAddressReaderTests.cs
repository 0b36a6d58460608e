using System.Net;
using System.Net.Sockets;
using Direct.Edge.Transport.Loop;

namespace Direct.Edge.Tests.Transport.Loop;

public sealed class SocketAddressReaderTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("203.0.113.7")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("2001:db8::7")]
    [InlineData("::ffff:203.0.113.7")]
    [InlineData("fe80::1%3")]
    [InlineData("fe80::1%305419896")]
    public void Read_WhatTheKernelWrites_IsTheAddress(string text)
    {
        LinuxOnly.SkipElsewhere();
        var address = IPAddress.Parse(text);

        // Uses the framework's form of the same structure.
        var written = new IPEndPoint(address, 0xABCD).Serialize();
        Assert.InRange(written.Size, 0, SocketAddressReader.MaxBytes);
        var bytes = new byte[SocketAddressReader.MaxBytes];
        written.Buffer.Span[..written.Size].CopyTo(bytes);

        Assert.Equal(new IPEndPoint(address, 0xABCD), SocketAddressReader.Read(bytes));
    }

    [Fact]
    public void Read_AnotherFamily_IsNobody()
    {
        LinuxOnly.SkipElsewhere();
        var bytes = new byte[SocketAddressReader.MaxBytes];
        bytes[0] = 1; // the family of Unix sockets

        Assert.Equal(IPAddress.None, SocketAddressReader.Read(bytes).Address);
    }

    [Fact]
    public void Accept_OfAConnection_TellsItsPeer()
    {
        LinuxOnly.SkipElsewhere();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
        client.Connect(listener.LocalEndPoint!);

        Span<byte> address = stackalloc byte[SocketAddressReader.MaxBytes];
        using var accepted = new SafeSocketHandle(Libc.Accept((int)listener.Handle, address), ownsHandle: true);

        Assert.False(accepted.IsInvalid);
        Assert.Equal(client.LocalEndPoint, SocketAddressReader.Read(address));
    }
}

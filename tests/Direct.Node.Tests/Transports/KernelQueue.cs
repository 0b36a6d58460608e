using System.Globalization;

namespace Direct.Node.Tests.Transports;

/// <summary>Reads how many bytes the kernel holds for the peers of a port, including those of connections that the process has closed.</summary>
internal static class KernelQueue
{
    private const string Listening = "0A";

    public static long BytesToSend(int port) => File.ReadLines("/proc/net/tcp").Skip(1).Sum(line => BytesToSend(line, port));

    //   sl  local_address rem_address   st tx_queue:rx_queue ...
    //    0: 0100007F:2775 0100007F:B0C4 04 0029D2A0:00000000 ...
    private static long BytesToSend(string line, int port)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Hexadecimal(fields[1].Split(':')[1]) == port && fields[3] != Listening ? Hexadecimal(fields[4].Split(':')[0]) : 0;
    }

    private static long Hexadecimal(string text) => long.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

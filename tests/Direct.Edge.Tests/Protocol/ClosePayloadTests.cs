using System.Buffers.Binary;
using System.Text;
using Direct.Edge.Protocol;
using Direct.Testing.WebSockets;

namespace Direct.Edge.Tests.Protocol;

public sealed class ClosePayloadTests
{
    [Fact]
    public void Refusal_EveryCodeThereIs_FollowsTheRegistry()
    {
        for (var code = 0; code <= ushort.MaxValue; code++)
        {
            var isLegal = code is 1000 or 1001 or 1002 or 1003 or 1007 or 1008 or 1009 or 1010 or 1011 or 1012 or 1013 or 1014
                || (code >= 3000 && code < 5000);

            var refusal = ClosePayload.Refusal(CloseStatus.Encode(code, ""));

            Assert.True(refusal == (isLegal ? null : CloseReason.ProtocolError), $"{code}: {refusal}");
        }
    }

    [Fact]
    public void Of_EveryReasonWithACode_FitsAndIsReadBack()
    {
        foreach (var reason in CloseReason.All.Where(reason => reason.Code != 0))
        {
            var payload = ClosePayload.Of(reason);

            Assert.InRange(payload.Length, 2, ClosePayload.MaxBytes);
            Assert.Equal((reason.Code, reason.Text), (BinaryPrimitives.ReadUInt16BigEndian(payload), Encoding.UTF8.GetString(payload.AsSpan(2))));
        }
    }
}
